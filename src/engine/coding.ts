/** Undoes and redoes the content coding of an answer, event by event: each flush puts all bytes so far on the wire. */
import zlib from 'node:zlib';
import { asBuffer } from '../core/as-buffer.ts';

/** A coder at work. Output comes through `onData`, in order; callbacks come after all output before them. */
export interface Coder {
  write(bytes: Buffer): void;
  /** Calls back once everything written has come out. */
  flush(then: () => void): void;
  /** Ends the coding and calls back once its last byte has come out. */
  end(then: () => void): void;
  destroy(): void;
}

export type CoderEvents = { onData: (bytes: Buffer) => void; onError: (error: Error) => void };

/** The codings that this runtime can undo and redo. */
export function canRead(coding: string): boolean {
  return ['', 'identity', 'gzip', 'x-gzip', 'deflate', 'br'].includes(coding);
}

/** True when the bytes of the body are its content. */
export function isPlain(coding: string): boolean {
  return coding === '' || coding === 'identity';
}

/** Undoes `coding`; see {@link canRead}. */
export function decoder(coding: string, events: CoderEvents): Coder {
  switch (coding) {
    case 'gzip':
    case 'x-gzip':
      return new ZlibCoder(zlib.createGunzip({ flush: zlib.constants.Z_SYNC_FLUSH }), events, undefined);
    case 'deflate':
      return new ZlibCoder(zlib.createInflate({ flush: zlib.constants.Z_SYNC_FLUSH }), events, undefined);
    case 'br':
      return new ZlibCoder(
        zlib.createBrotliDecompress({ flush: zlib.constants.BROTLI_OPERATION_FLUSH }),
        events,
        undefined,
      );
    default:
      return new Identity(events);
  }
}

/** Redoes `coding`. */
export function encoder(coding: string, events: CoderEvents): Coder {
  switch (coding) {
    case 'gzip':
    case 'x-gzip':
      return new ZlibCoder(zlib.createGzip(), events, zlib.constants.Z_SYNC_FLUSH);
    case 'deflate':
      return new ZlibCoder(zlib.createDeflate(), events, zlib.constants.Z_SYNC_FLUSH);
    case 'br':
      return new ZlibCoder(
        zlib.createBrotliCompress({ params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 4 } }),
        events,
        zlib.constants.BROTLI_OPERATION_FLUSH,
      );
    default:
      return new Identity(events);
  }
}

/** Undoes a coding of a whole body. @throws whatever zlib throws when the bytes are not what they claim */
export function decodeWhole(coding: string, bytes: Buffer, limit: number): Buffer {
  const options = { maxOutputLength: limit };
  if (coding === 'gzip' || coding === 'x-gzip') return zlib.gunzipSync(bytes, options);
  if (coding === 'deflate') return zlib.inflateSync(bytes, options);
  if (coding === 'br') return zlib.brotliDecompressSync(bytes, options);
  return bytes;
}

/** Redoes a coding of a whole body. */
export function encodeWhole(coding: string, bytes: Uint8Array): Buffer {
  if (coding === 'gzip' || coding === 'x-gzip') return zlib.gzipSync(bytes);
  if (coding === 'deflate') return zlib.deflateSync(bytes);
  if (coding === 'br')
    return zlib.brotliCompressSync(bytes, { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 4 } });
  return asBuffer(bytes);
}

class Identity implements Coder {
  readonly #events: CoderEvents;
  constructor(events: CoderEvents) {
    this.#events = events;
  }
  write(bytes: Buffer): void {
    this.#events.onData(bytes);
  }
  flush(then: () => void): void {
    then();
  }
  end(then: () => void): void {
    then();
  }
  destroy(): void {}
}

type ZlibStream =
  | zlib.Gzip
  | zlib.Gunzip
  | zlib.BrotliCompress
  | zlib.BrotliDecompress
  | zlib.Inflate
  | zlib.Deflate;

class ZlibCoder implements Coder {
  readonly #stream: ZlibStream;
  readonly #flushKind: number | undefined;
  #ended: (() => void) | undefined;

  constructor(stream: ZlibStream, events: CoderEvents, flushKind: number | undefined) {
    this.#stream = stream;
    this.#flushKind = flushKind;
    stream.on('data', events.onData);
    stream.on('error', events.onError);
    stream.on('end', () => this.#ended?.());
  }
  write(bytes: Buffer): void {
    this.#stream.write(bytes);
  }
  flush(then: () => void): void {
    if (this.#flushKind === undefined) this.#stream.write(Buffer.alloc(0), () => then());
    // The callback may come before the last 'data': let that be read first.
    else this.#stream.flush(this.#flushKind, () => setImmediate(then));
  }
  end(then: () => void): void {
    this.#ended = then;
    this.#stream.end();
  }
  destroy(): void {
    this.#stream.destroy();
  }
}
