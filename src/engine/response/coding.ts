/** Undoes and redoes the content coding of an answer, event by event: each flush puts all bytes so far on the wire. */
import zlib from 'node:zlib';
import { asBuffer } from '../../core/as-buffer.ts';
import type { Guard } from '../transport/guarded-clock.ts';

/**
 * A coder at work. Output comes through `onData`, in order; callbacks come after all output before them. A few bytes can
 * become thousands: whoever gets more than can be handed on says `pause`.
 */
export interface Coder {
  /** @returns false when it has enough to do: `onDrain` says when to go on */
  write(bytes: Buffer): boolean;
  /** Nothing comes out from here on, and little is worked on, until `resume`. */
  pause(): void;
  resume(): void;
  /** Calls back once everything written has come out. */
  flush(then: () => void): void;
  /** Ends the coding and calls back once its last byte has come out. */
  end(then: () => void): void;
  destroy(): void;
}

export interface CoderEvents {
  onData(bytes: Buffer): void;
  onError(error: Error): void;
  onDrain(): void;
  /** Runs whatever is called back later. */
  readonly guard: Guard;
}

/** Bytes that wait to be coded before a coder says stop. */
const ROOM: object = { writableHighWaterMark: 131_072 };

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
      return new ZlibCoder(
        zlib.createGunzip({ ...ROOM, flush: zlib.constants.Z_SYNC_FLUSH }),
        events,
        undefined,
      );
    case 'deflate':
      return new ZlibCoder(
        zlib.createInflate({ ...ROOM, flush: zlib.constants.Z_SYNC_FLUSH }),
        events,
        undefined,
      );
    case 'br':
      return new ZlibCoder(
        zlib.createBrotliDecompress({ ...ROOM, flush: zlib.constants.BROTLI_OPERATION_FLUSH }),
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
      return new ZlibCoder(zlib.createGzip(ROOM), events, zlib.constants.Z_SYNC_FLUSH);
    case 'deflate':
      return new ZlibCoder(zlib.createDeflate(ROOM), events, zlib.constants.Z_SYNC_FLUSH);
    case 'br':
      return new ZlibCoder(
        zlib.createBrotliCompress({ ...ROOM, params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 4 } }),
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
  write(bytes: Buffer): boolean {
    this.#events.onData(bytes);
    return true;
  }
  pause(): void {}
  resume(): void {}
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
  readonly #guard: Guard;
  #ended: (() => void) | undefined;
  /** Waits for output that is held back while paused. */
  #flushed: (() => void) | undefined;

  constructor(stream: ZlibStream, events: CoderEvents, flushKind: number | undefined) {
    this.#stream = stream;
    this.#flushKind = flushKind;
    const { guard } = events;
    this.#guard = guard;
    stream.on('data', (bytes: Buffer) =>
      guard.guard(() => {
        events.onData(bytes);
        this.#tellFlushed();
      }),
    );
    stream.on('error', (error) => guard.guard(() => events.onError(error)));
    stream.on('drain', () => guard.guard(() => events.onDrain()));
    stream.on('end', () => guard.guard(() => this.#ended?.()));
  }
  write(bytes: Buffer): boolean {
    return this.#stream.write(bytes);
  }
  pause(): void {
    this.#stream.pause();
  }
  resume(): void {
    if (this.#stream.isPaused()) this.#stream.resume();
  }
  flush(then: () => void): void {
    const written = (): void =>
      this.#guard.guard(() => {
        this.#flushed = then;
        this.#tellFlushed();
      });
    if (this.#flushKind === undefined) this.#stream.write(Buffer.alloc(0), written);
    // The callback may come before the last 'data': let that be read first.
    else this.#stream.flush(this.#flushKind, () => setImmediate(() => this.#guard.guard(then)));
  }
  end(then: () => void): void {
    this.#ended = then;
    this.#stream.end();
  }
  destroy(): void {
    this.#stream.destroy();
  }

  #tellFlushed(): void {
    if (this.#flushed === undefined || this.#stream.readableLength > 0) return;
    const then = this.#flushed;
    this.#flushed = undefined;
    then();
  }
}
