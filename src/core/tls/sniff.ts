/** Tells by the first bytes of a connection (or of a tunnel) what is spoken on it. */
import { CR, LF, SP, TOKEN } from '../http1/bytes.ts';

/**
 * - `tls`: a handshake record
 * - `http`: a method (any token of up to 32 bytes), then a space
 * - `h2c`: the HTTP/2 preface in the clear
 * - `other`: none of these
 * - `more`: too few bytes to tell
 */
export type Sniffed = 'tls' | 'http' | 'h2c' | 'other' | 'more';

const MAX_METHOD = 32;
const PREFACE = Buffer.from('PRI * HTTP/2.0', 'latin1');

/** Never needs more than 35 bytes. One leading CRLF (left over by some clients after CONNECT) is passed over. */
export function sniff(bytes: Buffer): Sniffed {
  if (bytes.length === 0) return 'more';
  if (bytes[0] === 0x16) {
    if (bytes.length === 1) return 'more';
    return bytes[1] === 3 ? 'tls' : 'other';
  }
  let start = 0;
  if (bytes[0] === CR) {
    if (bytes.length === 1) return 'more';
    if (bytes[1] !== LF) return 'other';
    start = 2;
  }
  let at = start;
  while (at < bytes.length && TOKEN[bytes[at]!] === 1) {
    if (at - start === MAX_METHOD) return 'other';
    at++;
  }
  if (at === bytes.length) return 'more';
  if (bytes[at] !== SP || at === start) return 'other';
  return preface(bytes, start);
}

/** An `http` start that may yet turn out to be the HTTP/2 preface, or an SSH banner that looks like a method. */
function preface(bytes: Buffer, start: number): Sniffed {
  const head = bytes.subarray(start, start + PREFACE.length);
  if (bytes.toString('latin1', start, start + 4) === 'SSH-') return 'other';
  if (!PREFACE.subarray(0, head.length).equals(head)) return 'http';
  return head.length === PREFACE.length ? 'h2c' : 'more';
}
