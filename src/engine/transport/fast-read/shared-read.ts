/**
 * Lets sockets read into one buffer that all of them share. Node gives every read a buffer of its own: made, shrunk to
 * what came, followed by the collector of garbage and freed by it, which is an eighth of what a small call costs. Here
 * what came is copied out of the shared buffer before anybody sees it, so a chunk lasts as long as one of Node's; that
 * copy is mostly some hundred bytes, out of the pool that small buffers come from.
 *
 * Node has such reads (`onread` of `net.connect` and `tls.connect`), but only for sockets that it opens itself. What it
 * does there is done here to any socket, by properties that no document promises. Where they are not as expected, or Node
 * is of a version on which nobody has seen them act, a socket reads as it always did.
 */
import type net from 'node:net';
import { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import { memoLast } from '../../../core/memo-last.ts';

/** Majors of Node on which the tests beside this file were seen to hold. A newer one may keep the names and change what they do. */
const SEEN = { from: 20, to: 26 } as const;

/** As much as Node reads at once; a TLS record brings a quarter of it at most. */
const shared = Buffer.allocUnsafeSlow(64 * 1024);

/** Keys of a socket's properties: the buffer that it reads into, and who is told how much came. */
interface Keys {
  readonly buffer: symbol;
  readonly callback: symbol;
}

/** Of the first socket that has them; Node gives all sockets the same. */
let keys: Keys | undefined;

interface Insides {
  [key: symbol]: unknown;
  readonly _handle?: { useUserBuffer?(buffer: Buffer): void } | null;
}

/**
 * From here on, what the socket reads comes to its `push` by way of the shared buffer. Once per socket.
 *
 * @param node version of the running Node
 * @returns false where the socket is left as it is
 */
export function shareReads(socket: net.Socket, node = process.versions.node): boolean {
  const insides = socket as unknown as Insides;
  const handle = insides._handle;
  if (!seen(node) || typeof handle?.useUserBuffer !== 'function') return false;
  // Windows may fill the buffer of a plain socket while another reads into it. What TLS brings is copied into it at once.
  if (process.platform === 'win32' && !(socket instanceof TLSSocket)) return false;
  if (keys === undefined || !(keys.buffer in socket && keys.callback in socket)) keys = keysOf(socket);
  if (keys === undefined) return false;
  insides[keys.buffer] = shared;
  insides[keys.callback] = onRead;
  // A socket with a buffer of its user's stops reading when paused: that the client went away would go unnoticed.
  socket.pause = Duplex.prototype.pause as typeof socket.pause;
  handle.useUserBuffer(shared);
  return true;
}

const seen = memoLast((node: string): boolean => {
  const major = Number.parseInt(node, 10);
  return major >= SEEN.from && major <= SEEN.to;
});

function keysOf(socket: net.Socket): Keys | undefined {
  const find = (name: string): symbol | undefined =>
    Object.getOwnPropertySymbols(socket).find(({ description }) => description === name);
  const buffer = find('kBuffer');
  const callback = find('kBufferCb');
  return buffer && callback ? { buffer, callback } : undefined;
}

/** @returns false when the socket is to stop reading */
function onRead(this: net.Socket, count: number): boolean {
  const chunk = Buffer.allocUnsafe(count);
  shared.copy(chunk, 0, 0, count);
  return this.push(chunk);
}
