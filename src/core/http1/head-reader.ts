/**
 * Finds and validates one message head after another in a connection's chunks. One pass over the bytes;
 * nothing is copied when a head lies in one chunk.
 */
import { FieldScan } from './field-scan.ts';
import { FramingError, type MessageKind } from './framing-error.ts';
import { HeadMemo } from './head-memo.ts';
import { RequestHead } from './request-head.ts';
import { ResponseHead } from './response-head.ts';
import { StartLine } from './start-line.ts';

/** Bytes of a head, start line included, beyond which it is refused. Real heads stay far below (ours: 1–4 KiB). */
export const MAX_HEAD_BYTES = 262_144;

/**
 * Reads heads of one kind. After an error the connection's bytes mean nothing any more: do not push again.
 *
 * @example
 * const reader = new HeadReader('request');
 * const next = reader.push(chunk, 0);
 * if (next >= 0) { const head = reader.take(); … } // body begins at chunk[next]
 */
export class HeadReader<K extends MessageKind> {
  private readonly kind: K;
  private readonly maxBytes: number;
  private readonly line: StartLine;
  private readonly fields: FieldScan;
  private inFields = false;
  /** Bytes of a head that spans chunks; its first `heldLength` bytes are filled. */
  private held: Buffer | undefined;
  private heldLength = 0;
  /** Where the head that `take` will give lies; or that head itself, when it was recognised. */
  private complete: Buffer | undefined;
  private end = 0;
  private known: RequestHead | ResponseHead | undefined;
  private readonly memo = new HeadMemo();

  constructor(kind: K, maxBytes: number = MAX_HEAD_BYTES) {
    this.kind = kind;
    this.maxBytes = maxBytes;
    this.line = new StartLine(kind);
    this.fields = new FieldScan(kind);
  }

  /** Begins with another connection: what it remembers is kept, and it may try anew to remember more. */
  renew(): void {
    this.memo.renew();
  }

  /** True between the first byte of a head and its `take`: a connection that ends now ends inside a message. */
  get started(): boolean {
    return this.held !== undefined || this.complete !== undefined || this.known !== undefined;
  }

  /**
   * Reads on from `chunk[from]`. Returns the index just after the head, and then {@link take} gives it; or -1 when
   * the whole chunk was read and more is needed. Throws FramingError at the first byte that cannot be right.
   */
  push(chunk: Buffer, from: number): number {
    if (this.held !== undefined) return this.pushHeld(this.held, chunk, from);
    this.known = this.memo.match(chunk, from);
    if (this.known !== undefined) return from + this.memo.length;
    const end = Math.min(chunk.length, from + this.maxBytes);
    const next = this.scan(chunk, from, end);
    if (next >= 0) {
      this.complete = chunk;
      this.end = next;
      return next;
    }
    if (end - from === this.maxBytes) this.failLength();
    if (end > from) this.hold(chunk, from);
    return -1;
  }

  /** The head that `push` found; the reader is then ready for the next one. Throws FramingError when it contradicts itself. */
  take(): K extends 'request' ? RequestHead : ResponseHead;
  take(): RequestHead | ResponseHead {
    const { complete, known } = this;
    if (known !== undefined) {
      this.known = undefined;
      return known;
    }
    if (complete === undefined) throw new Error('take() before push() found a head');
    const wanted = this.memo.wants(this.end - this.line.start);
    const head = this.make(complete);
    if (wanted) this.remember(head.raw);
    return head;
  }

  private make(complete: Buffer): RequestHead | ResponseHead {
    const { line, fields } = this;
    const head =
      this.kind === 'request'
        ? RequestHead.read(complete, line, fields, this.end)
        : ResponseHead.read(complete, line, fields, this.end);
    line.reset();
    fields.reset();
    this.inFields = false;
    this.complete = undefined;
    return head;
  }

  /** The head is read once more from a copy, so that remembering it keeps no chunk alive. */
  private remember(raw: Buffer): void {
    const copy = Buffer.from(raw);
    this.end = this.scan(copy, 0, copy.length);
    this.memo.remember(this.make(copy), copy);
  }

  private scan(buf: Buffer, pos: number, end: number): number {
    if (!this.inFields) {
      pos = this.line.scan(buf, pos, end);
      if (pos < 0) return -1;
      this.inFields = true;
    }
    return this.fields.scan(buf, pos, end);
  }

  private pushHeld(held: Buffer, chunk: Buffer, from: number): number {
    const before = this.heldLength;
    const length = Math.min(before + chunk.length - from, this.maxBytes);
    let buf = held;
    if (length > buf.length) {
      buf = Buffer.allocUnsafe(Math.min(Math.max(length, buf.length * 2), this.maxBytes));
      held.copy(buf, 0, 0, before);
      this.held = buf;
    }
    chunk.copy(buf, before, from, from + length - before);
    this.heldLength = length;
    const next = this.scan(buf, before, length);
    if (next < 0) {
      if (length === this.maxBytes) this.failLength();
      return -1;
    }
    this.complete = buf;
    this.end = next;
    this.held = undefined;
    return from + next - before;
  }

  /** Keeps the beginning of a head until the rest comes. Noted positions move with it. */
  private hold(chunk: Buffer, from: number): void {
    const length = chunk.length - from;
    const held = Buffer.allocUnsafe(Math.min(Math.max(1024, 2 * length), this.maxBytes));
    chunk.copy(held, 0, from);
    this.held = held;
    this.heldLength = length;
    this.line.shift(from);
    this.fields.shift(from);
  }

  private failLength(): never {
    if (this.inFields || this.kind === 'response') {
      throw new FramingError(this.kind, 431, `has a head of more than ${this.maxBytes} bytes`);
    }
    throw new FramingError(this.kind, 414, `has a request line of more than ${this.maxBytes} bytes`);
  }
}
