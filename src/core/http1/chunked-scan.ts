/** The chunked transfer coding (RFC 9112 §7.1), byte by byte where it is framing, by arithmetic where it is data. */
import type { Header } from '../facts.ts';
import type { BodySink } from './body-sink.ts';
import { CR, HEX, LF, showByte } from './bytes.ts';
import { ChunkExtension } from './chunk-extension.ts';
import { FieldScan } from './field-scan.ts';
import { FramingError, type MessageKind } from './framing-error.ts';
import { HeaderBlock } from './header-block.ts';

const SIZE = 0;
const EXTENSION = 1;
const SIZE_LF = 2;
const DATA = 3;
const DATA_CR = 4;
const DATA_LF = 5;
const TRAILERS = 6;

/** Hex digits of a chunk size; the value must also stay within 2^53. */
const MAX_SIZE_DIGITS = 16;
/** Digits of a size that is read without a second look, and bytes that are there to read them and their line end. */
const MAX_PLAIN_DIGITS = 7;
const MAX_PLAIN_LINE = MAX_PLAIN_DIGITS + 2;
/** Bytes of trailers, the last blank line included. */
export const MAX_TRAILER_BYTES = 65_536;

const NO_TRAILERS: readonly Header[] = Object.freeze([]);

export class ChunkedScan {
  trailers: readonly Header[] = NO_TRAILERS;
  private phase = SIZE;
  private size = 0;
  private digits = 0;
  private extension: ChunkExtension | undefined;
  private held: Buffer | undefined;
  private heldLength = 0;
  private fields: FieldScan | undefined;
  private readonly kind: MessageKind;
  private readonly sink: BodySink | undefined;

  constructor(kind: MessageKind, sink: BodySink | undefined) {
    this.kind = kind;
    this.sink = sink;
  }

  /** Reads on from `chunk[pos]`. Returns the index after the body's last byte, or -1 when more must come. */
  push(chunk: Buffer, pos: number): number {
    const end = chunk.length;
    while (pos < end) {
      switch (this.phase) {
        case SIZE:
          if (this.digits === 0) pos = this.wholeChunks(chunk, pos, end);
          pos = this.readSize(chunk, pos, end);
          break;
        case EXTENSION:
          this.extension ??= new ChunkExtension(this.kind);
          pos = this.extension.scan(chunk, pos, end);
          if (pos < end) {
            this.phase = SIZE_LF;
            pos++;
          }
          break;
        case SIZE_LF:
          if (chunk[pos++] !== LF) this.fail('has a chunk size line that does not end in CRLF');
          this.phase = this.size === 0 ? TRAILERS : DATA;
          this.digits = 0;
          break;
        case DATA: {
          const to = Math.min(end, pos + this.size);
          this.size -= to - pos;
          this.sink?.data(chunk, pos, to);
          if (this.size === 0) this.phase = DATA_CR;
          pos = to;
          break;
        }
        case DATA_CR:
          if (chunk[pos++] !== CR) this.fail('has a chunk that is longer than its size says');
          this.phase = DATA_LF;
          break;
        case DATA_LF:
          if (chunk[pos++] !== LF) this.fail('has a chunk that does not end in CRLF');
          this.phase = SIZE;
          break;
        default:
          return this.readTrailers(chunk, pos, end);
      }
    }
    return -1;
  }

  /**
   * Passes over chunks that lie whole before `end`, as nearly all do, without going through the phases. Stops at the
   * first one that is not of this plain kind, or wrong: the phases have the say there. Returns its index.
   */
  private wholeChunks(chunk: Buffer, pos: number, end: number): number {
    const { sink } = this;
    const last = end - MAX_PLAIN_LINE;
    while (pos < last) {
      let size = HEX[chunk[pos]!]!;
      if (size === 255) break;
      let at = pos + 1;
      for (let digit = HEX[chunk[at]!]!; digit !== 255; digit = HEX[chunk[at]!]!) {
        size = size * 16 + digit;
        if (++at - pos === MAX_PLAIN_DIGITS) return pos;
      }
      const to = at + 2 + size;
      if (size === 0 || to + 2 > end) break;
      if (chunk[at] !== CR || chunk[at + 1] !== LF || chunk[to] !== CR || chunk[to + 1] !== LF) break;
      if (sink?.wholeChunk) sink.wholeChunk(chunk, pos, at + 2, to, to + 2);
      else sink?.data(chunk, at + 2, to);
      pos = to + 2;
    }
    return pos;
  }

  private readSize(chunk: Buffer, pos: number, end: number): number {
    for (; pos < end; pos++) {
      const byte = chunk[pos]!;
      const digit = HEX[byte]!;
      if (digit === 255) {
        if (this.digits === 0) this.fail(`has a chunk size that begins with ${showByte(byte)}`);
        if (byte === CR) {
          this.phase = SIZE_LF;
          return pos + 1;
        }
        this.phase = EXTENSION;
        return pos;
      }
      this.size = this.digits === 0 ? digit : this.size * 16 + digit;
      if (++this.digits > MAX_SIZE_DIGITS || this.size > Number.MAX_SAFE_INTEGER) {
        this.fail('has a chunk size beyond 2^53');
      }
    }
    return pos;
  }

  /** Validated like a head's fields; copied only when they span chunks. */
  private readTrailers(chunk: Buffer, pos: number, end: number): number {
    this.fields ??= new FieldScan(this.kind, true);
    const { fields, held, heldLength } = this;
    const added = Math.min(end - pos, MAX_TRAILER_BYTES - heldLength);
    let next: number;
    if (held === undefined) {
      next = fields.scan(chunk, pos, pos + added);
      if (next >= 0) return this.finish(chunk, fields, next);
      fields.shift(pos);
      this.hold(chunk, pos, pos + added);
    } else {
      this.hold(chunk, pos, pos + added);
      next = fields.scan(this.held!, heldLength, this.heldLength);
      if (next >= 0) return this.finish(this.held!, fields, pos + next - heldLength);
    }
    if (this.heldLength === MAX_TRAILER_BYTES) {
      throw new FramingError(this.kind, 431, `has more than ${MAX_TRAILER_BYTES} bytes of trailers`);
    }
    return -1;
  }

  private hold(chunk: Buffer, from: number, to: number): void {
    const length = this.heldLength + to - from;
    if (this.held === undefined || length > this.held.length) {
      const grown = Buffer.allocUnsafe(Math.max(256, 2 * length));
      this.held?.copy(grown, 0, 0, this.heldLength);
      this.held = grown;
    }
    chunk.copy(this.held, this.heldLength, from, to);
    this.heldLength = length;
  }

  private finish(buf: Buffer, fields: FieldScan, next: number): number {
    if (fields.marks.length > 1) this.trailers = new HeaderBlock(buf, fields.marks, fields.known).list();
    this.held = undefined;
    return next;
  }

  private fail(violation: string): never {
    throw new FramingError(this.kind, 400, violation);
  }
}
