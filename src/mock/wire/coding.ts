/** Content codings: of a request's body on its way in, of an answer on its way out. */
import { promisify } from 'node:util';
import zlib from 'node:zlib';
import type { BodyProblem } from '../exchange.ts';

export type Coding = 'gzip' | 'br';

/** The coding to answer in: gzip before br, as the real API; undefined when the client takes neither. */
export function chooseCoding(acceptEncoding: string | undefined): Coding | undefined {
  const accepted = new Set<string>();
  for (const entry of (acceptEncoding ?? '').split(',')) {
    const [name = '', ...parameters] = entry.split(';').map((part) => part.trim().toLowerCase());
    const refused = parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter));
    if (name !== '' && !refused) accepted.add(name);
  }
  if (accepted.has('gzip') || accepted.has('x-gzip')) return 'gzip';
  return accepted.has('br') ? 'br' : undefined;
}

/** Encodes a whole body. */
export function encodeBody(coding: Coding, body: Uint8Array): Promise<Buffer> {
  return coding === 'gzip' ? promisify(zlib.gzip)(body) : promisify(zlib.brotliCompress)(body);
}

/** A stream that encodes, to be flushed after each event. */
export function createEncoder(coding: Coding): zlib.Gzip | zlib.BrotliCompress {
  if (coding === 'gzip') return zlib.createGzip();
  // The default quality is meant for files, not for a stream.
  return zlib.createBrotliCompress({ params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 4 } });
}

const DECODERS: Readonly<
  Record<string, (body: Uint8Array, options: { maxOutputLength: number }) => Promise<Buffer>>
> = {
  gzip: promisify(zlib.gunzip),
  'x-gzip': promisify(zlib.gunzip),
  deflate: promisify(zlib.inflate),
  br: promisify(zlib.brotliDecompress),
};

/**
 * Decodes a request's body.
 *
 * @param limit most bytes that it may become
 */
export async function decodeBody(
  coding: string | undefined,
  body: Buffer,
  limit: number,
): Promise<{ body: Buffer; bodyProblem?: BodyProblem }> {
  const name = coding?.trim().toLowerCase();
  if (!name || name === 'identity') return { body };
  const decode = DECODERS[name];
  if (!decode) return { body, bodyProblem: 'undecodable' };
  try {
    return { body: await decode(body, { maxOutputLength: limit }) };
  } catch (error) {
    const tooLarge = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
    return { body, bodyProblem: tooLarge ? 'too-large-decoded' : 'undecodable' };
  }
}
