/**
 * Everything about an answer that the real API would draw at random, derived from the request instead:
 * ids, signatures, padding. The same request (method, path, body) and seed give the same values.
 */
import { createHash } from 'node:crypto';
import { requestId } from '../core/anthropic/request-id.ts';
import type { ApiRequest } from './exchange.ts';

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** Draws values for one request; each `label` has its own, always the same. */
export class Identity {
  readonly #digest: Buffer;

  /** @param path normalised path, so that an alias gives the same answer */
  constructor(seed: string, request: ApiRequest, path: string) {
    this.#digest = createHash('sha256')
      .update(`${seed}\0${request.method}\0${path}\0`)
      .update(request.body)
      .digest();
  }

  /** `req_011C…`, 28 characters as on the real wire. */
  requestId(): string {
    const bytes = this.#bytes('request');
    return requestId([0, 4, 8, 12].map((at) => bytes.readUInt32BE(at)));
  }

  /** `msg_01…`, 28 characters. */
  messageId(): string {
    return `msg_01${this.#base62('message', 22)}`;
  }

  /** `toolu_01…`, 30 characters. */
  toolUseId(index: number): string {
    return `toolu_01${this.#base62(`tool ${index}`, 22)}`;
  }

  /** Stands for the signature of a thinking block: Base64, 256 characters. */
  signature(): string {
    const parts = [0, 1, 2, 3, 4, 5].map((part) => this.#bytes(`signature ${part}`));
    return Buffer.concat(parts).toString('base64');
  }

  /** Cloudflare's ray: 16 hex digits and an airport. */
  ray(): string {
    return `${this.#bytes('ray').toString('hex', 0, 8)}-SJC`;
  }

  /** Spaces before the last brace of the `index`-th event, 0 to 15. */
  padding(index: number): number {
    return ((this.#digest[index % 32] ?? 0) + index) & 15;
  }

  #bytes(label: string): Buffer {
    return createHash('sha256').update(this.#digest).update(label).digest();
  }

  #base62(label: string, length: number): string {
    const bytes = this.#bytes(label);
    let text = '';
    // 62 does not divide 256: the bias is of no consequence for an id that only has to look real.
    for (let i = 0; i < length; i++) text += BASE62[(bytes[i] ?? 0) % 62];
    return text;
  }
}
