/** Reads a request of node:http into the form that the pure side takes. */
import type { IncomingMessage } from 'node:http';
import { HeldBytes } from '../../core/held-bytes.ts';
import type { ApiRequest } from '../exchange.ts';
import { decodeBody } from './coding.ts';

/** Most bytes of a body: the limit of the Messages API. */
export const MAX_BODY_BYTES = 32 * 1024 * 1024;

/**
 * Reads a request to its end. What is beyond the limit is read and dropped, so that the client gets to read its
 * answer.
 *
 * @returns undefined when the client went away before the end
 */
export async function readRequest(message: IncomingMessage): Promise<ApiRequest | undefined> {
  const held = new HeldBytes();
  const size = await readInto(held, message);
  if (size === undefined) return undefined;
  const head = {
    method: message.method ?? 'GET',
    target: message.url ?? '/',
    header: (name: string) => headerOf(message, name),
  };
  if (size > MAX_BODY_BYTES) return { ...head, body: new Uint8Array(), bodyProblem: 'too-large' };
  const coding = headerOf(message, 'content-encoding');
  return { ...head, ...(await decodeBody(coding, held.take(), MAX_BODY_BYTES)) };
}

/**
 * Takes each piece as the parser cuts it. An iterator would let them pile up between its turns, and a chunk of one byte
 * is an object of some hundred.
 *
 * @returns the size of the body, of which nothing is held beyond the limit; undefined when it has no end
 */
function readInto(held: HeldBytes, message: IncomingMessage): Promise<number | undefined> {
  return new Promise((resolve) => {
    let size = 0;
    message.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= MAX_BODY_BYTES) held.add(chunk);
      else held.clear();
    });
    message.on('end', () => resolve(size));
    message.on('error', () => resolve(undefined));
    message.on('close', () => resolve(undefined));
  });
}

function headerOf(message: IncomingMessage, name: string): string | undefined {
  const value = message.headers[name];
  return Array.isArray(value) ? value.join(', ') : value;
}
