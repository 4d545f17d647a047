/** The first line of a message, byte by byte, from wherever the last chunk ended. Notes positions, makes no strings. */
import { CR, FIELD_TEXT, HTAB, LF, SP, showByte, TARGET, TOKEN } from './bytes.ts';
import { FramingError, type MessageKind } from './framing-error.ts';

const BEGIN = 0;
const BEGIN_LF = 1;
const METHOD = 2;
const URI = 3;
const VERSION = 4;
const CODE = 5;
const REASON = 6;
const LINE_FEED = 7;

const HTTP_SLASH = [0x48, 0x54, 0x54, 0x50, 0x2f];

/** A request line (`method SP target SP HTTP/1.x CRLF`) or status line. Reusable: {@link reset} before each message. */
export class StartLine {
  /** Where the message begins: after the one empty line that a client may leave from its last request. */
  start = 0;
  methodEnd = 0;
  targetEnd = 0;
  minor: 0 | 1 = 1;
  status = 0;
  reasonStart = 0;
  reasonEnd = 0;
  private phase = BEGIN;
  /** Where the version or the status code begins. */
  private mark = 0;
  private readonly kind: MessageKind;

  constructor(kind: MessageKind) {
    this.kind = kind;
  }

  reset(): void {
    this.phase = BEGIN;
    this.status = 0;
  }

  /** Moves noted positions when the bytes read so far were copied `by` bytes towards the front of another buffer. */
  shift(by: number): void {
    this.start -= by;
    this.methodEnd -= by;
    this.targetEnd -= by;
    this.reasonStart -= by;
    this.reasonEnd -= by;
    this.mark -= by;
  }

  /** Reads on in `buf[pos, end)`. Returns the index after the line, or -1 when all was read and more must come. */
  scan(buf: Buffer, pos: number, end: number): number {
    const request = this.kind === 'request';
    while (pos < end) {
      switch (this.phase) {
        case BEGIN:
          if (request && buf[pos] === CR) {
            pos++;
            this.phase = BEGIN_LF;
            break;
          }
          this.begin(pos);
          break;
        case BEGIN_LF:
          if (buf[pos] !== LF) this.fail('has a carriage return without line feed');
          pos++;
          this.begin(pos);
          break;
        case METHOD:
          while (pos < end && TOKEN[buf[pos]!] === 1) pos++;
          if (pos === end) return -1;
          if (buf[pos] !== SP || pos === this.start) this.failMethod(buf[pos]!, pos);
          this.methodEnd = pos++;
          this.phase = URI;
          break;
        case URI:
          while (pos < end && TARGET[buf[pos]!] === 1) pos++;
          if (pos === end) return -1;
          if (buf[pos] !== SP || pos === this.methodEnd + 1) this.failTarget(buf[pos]!);
          this.targetEnd = pos++;
          this.mark = pos;
          this.phase = VERSION;
          break;
        case VERSION:
          pos = this.version(buf, pos, end);
          break;
        case CODE:
          pos = this.code(buf, pos, end);
          break;
        case REASON:
          while (pos < end && FIELD_TEXT[buf[pos]!] === 1) pos++;
          if (pos === end) return -1;
          if (buf[pos] !== CR) this.failLine(buf[pos]!);
          this.reasonEnd = pos++;
          this.phase = LINE_FEED;
          break;
        default:
          if (buf[pos] !== LF) this.fail('has a carriage return without line feed');
          return pos + 1;
      }
    }
    return -1;
  }

  private begin(pos: number): void {
    this.start = pos;
    this.mark = pos;
    this.phase = this.kind === 'request' ? METHOD : VERSION;
  }

  /** `HTTP/1.0` or `HTTP/1.1` and the byte that must follow it. */
  private version(buf: Buffer, pos: number, end: number): number {
    for (; pos < end; pos++) {
      const byte = buf[pos]!;
      const at = pos - this.mark;
      if (at < 5) {
        if (byte !== HTTP_SLASH[at]) this.failVersion(byte);
      } else if (at === 6) {
        if (byte !== 0x2e) this.failVersion(byte);
      } else if (at < 8) {
        this.versionDigit(byte, at);
      } else {
        const expected = this.kind === 'request' ? CR : SP;
        if (byte !== expected) this.failVersion(byte);
        this.phase = this.kind === 'request' ? LINE_FEED : CODE;
        this.mark = pos + 1;
        return pos + 1;
      }
    }
    return pos;
  }

  private versionDigit(byte: number, at: number): void {
    if (byte < 0x30 || byte > 0x39) this.failVersion(byte);
    if (at === 5 ? byte !== 0x31 : byte > 0x31) {
      throw new FramingError(this.kind, 505, 'has an HTTP version other than 1.0 and 1.1');
    }
    this.minor = byte === 0x31 ? 1 : 0;
  }

  /** Three digits, then a space and the reason, or (as some servers leave out both) the end of the line. */
  private code(buf: Buffer, pos: number, end: number): number {
    for (; pos < end; pos++) {
      const byte = buf[pos]!;
      if (pos - this.mark < 3) {
        if (byte < 0x30 || byte > 0x39) this.fail('has a status code that is not three digits');
        this.status = this.status * 10 + byte - 0x30;
      } else {
        if (this.status < 100) this.fail('has a status code below 100');
        if (byte !== SP && byte !== CR) this.fail('has a status code that is not three digits');
        this.reasonStart = byte === SP ? pos + 1 : pos;
        this.reasonEnd = this.reasonStart;
        this.phase = byte === SP ? REASON : LINE_FEED;
        return pos + 1;
      }
    }
    return pos;
  }

  private failMethod(byte: number, pos: number): never {
    if (pos === this.start && (byte === CR || byte === LF)) this.fail('begins with empty lines');
    if (byte === CR || byte === LF) this.fail('has a request line without a target');
    return this.fail(`has the byte ${showByte(byte)} in its method`);
  }

  private failTarget(byte: number): never {
    if (byte === CR || byte === LF) this.fail('has a request line without a version (HTTP/0.9)');
    if (byte === SP || byte === HTAB) this.fail('has more than one space in its request line');
    return this.fail(`has the control byte ${showByte(byte)} in its target`);
  }

  private failVersion(byte: number): never {
    if (byte === LF) this.fail('has a line feed without carriage return');
    return this.fail(
      this.kind === 'request'
        ? 'has a request line that does not end in HTTP/1.0 or HTTP/1.1'
        : 'does not begin with HTTP/1.0 or HTTP/1.1',
    );
  }

  private failLine(byte: number): never {
    if (byte === LF) this.fail('has a line feed without carriage return');
    return this.fail(`has the control byte ${showByte(byte)} in its reason phrase`);
  }

  private fail(violation: string): never {
    throw new FramingError(this.kind, 400, violation);
  }
}
