/**
 * The field lines of a head (or of trailers), byte by byte, from wherever the last chunk ended.
 * Validates everything it passes over and notes where lines begin; makes no strings and no object per field.
 */
import {
  COLON,
  COMMA,
  CR,
  equalsLower,
  FIELD_TEXT,
  HOST_TEXT,
  HTAB,
  LF,
  SP,
  showByte,
  TOKEN,
} from './bytes.ts';
import { FramingError, type MessageKind } from './framing-error.ts';
import { connectionOption, Known, knownField } from './known-fields.ts';
import { isForbiddenTrailer } from './trailers.ts';

const EVENT_STREAM = 'text/event-stream';

/** Codings that there are (RFC 9112 §7, and content codings that peers write here). */
const CODINGS = ['chunked', 'gzip', 'x-gzip', 'deflate', 'compress', 'x-compress', 'br', 'zstd', 'identity'];

const LINE = 0;
const NAME = 1;
const VALUE = 2;
const LINE_FEED = 3;
const LAST_LINE_FEED = 4;

/** Field lines up to and including the blank line. Reusable: {@link reset} before each message. */
export class FieldScan {
  /** Start of line and colon for each field, then the end of the block. A new array per message. */
  marks: number[] = [];
  /** Bits of `Known`, as far as read. */
  known = 0;
  /** Value of Content-Length, when that bit is set. */
  contentLength = 0;
  private phase = LINE;
  private readonly kind: MessageKind;
  private readonly trailers: boolean;

  constructor(kind: MessageKind, trailers = false) {
    this.kind = kind;
    this.trailers = trailers;
  }

  reset(): void {
    this.marks = [];
    this.known = 0;
    this.contentLength = 0;
    this.phase = LINE;
  }

  /** Moves noted positions when the bytes read so far were copied `by` bytes towards the front of another buffer. */
  shift(by: number): void {
    for (let i = 0; i < this.marks.length; i++) this.marks[i]! -= by;
  }

  /** Reads on in `buf[pos, end)`. Returns the index after the blank line, or -1 when all was read and more must come. */
  scan(buf: Buffer, pos: number, end: number): number {
    const marks = this.marks;
    let phase = this.phase;
    while (pos < end) {
      if (phase === LINE) {
        if (buf[pos] === CR) {
          marks.push(pos++);
          phase = LAST_LINE_FEED;
          continue;
        }
        marks.push(pos);
        phase = NAME;
      }
      if (phase === NAME) {
        while (pos < end && TOKEN[buf[pos]!] === 1) pos++;
        if (pos === end) break;
        if (buf[pos] !== COLON || pos === marks[marks.length - 1]) this.failName(buf, pos);
        marks.push(pos++);
        phase = VALUE;
      }
      if (phase === VALUE) {
        while (pos < end && FIELD_TEXT[buf[pos]!] === 1) pos++;
        if (pos === end) break;
        if (buf[pos] !== CR) this.failValue(buf[pos]!);
        pos++;
        phase = LINE_FEED;
        if (pos === end) break;
      }
      if (buf[pos] !== LF) this.fail('has a carriage return without line feed');
      pos++;
      if (phase === LAST_LINE_FEED) {
        this.phase = LINE;
        return pos;
      }
      const start = marks[marks.length - 2]!;
      const colon = marks[marks.length - 1]!;
      const field = knownField(buf, start, colon);
      if (field !== 0) this.note(field, buf, colon + 1, pos - 2);
      if (this.trailers && isForbiddenTrailer(buf.toString('latin1', start, colon))) {
        this.fail(`has a ${buf.toString('latin1', start, colon)} field in its trailers`);
      }
      phase = LINE;
    }
    this.phase = phase;
    return -1;
  }

  private note(field: number, buf: Buffer, start: number, end: number): void {
    switch (field) {
      case Known.CONTENT_LENGTH:
        if (this.known & field) this.fail('has two Content-Length fields');
        this.contentLength = this.readLength(buf, start, end);
        break;
      case Known.TRANSFER_ENCODING:
        if (this.known & field) this.fail('has two Transfer-Encoding fields');
        this.checkCoding(buf, start, end);
        break;
      case Known.HOST:
        if (this.kind === 'request') this.checkHost(buf, start, end);
        break;
      case Known.CONNECTION:
        this.known |= options(buf, start, end, connectionOption);
        break;
      case Known.TE:
        this.known |= options(buf, start, end, teCoding);
        break;
      case Known.EXPECT_CONTINUE:
        if (!equalsLower(buf, skipBlanks(buf, start, end), trimBlanks(buf, start, end), '100-continue'))
          return;
        break;
      case Known.EVENT_STREAM:
        if (!isEventStream(buf, skipBlanks(buf, start, end), end)) return;
        break;
    }
    this.known |= field;
  }

  /** Digits alone, no leading zero, after at most one space: what every sender writes and no two readers read differently. */
  private readLength(buf: Buffer, start: number, end: number): number {
    if (start < end && buf[start] === SP) start++;
    const first = buf[start];
    let value = 0;
    for (let i = start; i < end; i++) {
      const digit = buf[i]! - 0x30;
      if (digit < 0 || digit > 9) return this.fail('has a Content-Length that is not a plain decimal number');
      value = value * 10 + digit;
      if (value > Number.MAX_SAFE_INTEGER) return this.fail('has a Content-Length beyond 2^53');
    }
    if (start === end) return this.fail('has an empty Content-Length');
    if (first === 0x30 && end - start > 1) return this.fail('has a Content-Length with leading zeros');
    return value;
  }

  private checkCoding(buf: Buffer, start: number, end: number): void {
    if (start < end && buf[start] === SP) start++;
    if (equalsLower(buf, start, end, 'chunked')) return;
    const value = buf.toString('latin1', start, end);
    const codings = value.split(',').map((part) => part.trim().toLowerCase());
    // RFC 9112 §6.1: 501 for a coding that we do not know under a final `chunked`, 400 for anything else.
    const unknown = codings.length > 1 && codings.indexOf('chunked') === codings.length - 1;
    // What is no coding could be anything, and stands in logs: it is not repeated.
    const known = codings.every((coding) => CODINGS.includes(coding));
    const named = known ? JSON.stringify(value) : '"…"';
    throw new FramingError(
      this.kind,
      unknown ? 501 : 400,
      `has the Transfer-Encoding ${named}; only "chunked" is supported`,
    );
  }

  private checkHost(buf: Buffer, start: number, end: number): void {
    if (this.known & Known.HOST) this.fail('has two Host fields');
    const last = trimBlanks(buf, start, end);
    for (let i = skipBlanks(buf, start, end); i < last; i++) {
      if (HOST_TEXT[buf[i]!] === 0) this.fail(`has the byte ${showByte(buf[i]!)} in its Host field`);
    }
  }

  private failName(buf: Buffer, pos: number): never {
    const byte = buf[pos]!;
    const start = this.marks[this.marks.length - 1]!;
    const blank = byte === SP || byte === HTAB;
    if (pos === start && blank) this.fail('has a folded header line (obs-fold)');
    if (pos === start && byte === COLON) this.fail('has a header without a name');
    if (blank) this.fail('has white space between a header name and its colon');
    if (byte === LF) this.fail('has a line feed without carriage return');
    return this.fail(`has the byte ${showByte(byte)} in a header name`);
  }

  private failValue(byte: number): never {
    return this.fail(
      byte === LF
        ? 'has a line feed without carriage return'
        : `has the control byte ${showByte(byte)} in a header value`,
    );
  }

  private fail(violation: string): never {
    throw new FramingError(this.kind, 400, violation);
  }
}

/** Ors together what `bitOf` says of each member of a comma-separated list. */
function options(
  buf: Buffer,
  start: number,
  end: number,
  bitOf: (buf: Buffer, start: number, end: number) => number,
): number {
  let bits = 0;
  for (let from = start; from <= end; ) {
    let to = from;
    while (to < end && buf[to] !== COMMA) to++;
    const first = skipBlanks(buf, from, to);
    const last = trimBlanks(buf, from, to);
    if (first < last) bits |= bitOf(buf, first, last);
    from = to + 1;
  }
  return bits;
}

/** `text/event-stream`, alone or followed by anything that is no part of its name. */
function isEventStream(buf: Buffer, start: number, end: number): boolean {
  const after = start + EVENT_STREAM.length;
  if (after > end || !equalsLower(buf, start, after, EVENT_STREAM)) return false;
  return after === end || TOKEN[buf[after]!] === 0;
}

function teCoding(buf: Buffer, start: number, end: number): number {
  return equalsLower(buf, start, end, 'trailers') ? 0 : Known.TE_CODINGS;
}

function skipBlanks(buf: Buffer, start: number, end: number): number {
  while (start < end && (buf[start] === SP || buf[start] === HTAB)) start++;
  return start;
}

function trimBlanks(buf: Buffer, start: number, end: number): number {
  while (end > start && (buf[end - 1] === SP || buf[end - 1] === HTAB)) end--;
  return end;
}
