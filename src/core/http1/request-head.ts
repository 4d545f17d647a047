/** A request's start line and fields, validated; decoded only when asked for. */
import { equalsLower } from './bytes.ts';
import type { FieldScan } from './field-scan.ts';
import { CHUNKED, EMPTY_BODY, type Framing, NO_BODY } from './framing.ts';
import { FramingError } from './framing-error.ts';
import { HeaderBlock } from './header-block.ts';
import { Known } from './known-fields.ts';
import type { StartLine } from './start-line.ts';

const SLASH = 0x2f;

export class RequestHead {
  readonly minor: 0 | 1;
  readonly headers: HeaderBlock;
  readonly framing: Framing;
  /** The client would send another request on this connection. */
  readonly keepAlive: boolean;
  /** `Expect: 100-continue` (never on HTTP/1.0). */
  readonly expectContinue: boolean;
  /** An Upgrade field that Connection lists (never on HTTP/1.0). */
  readonly upgrade: boolean;
  private readonly buf: Buffer;
  /** @internal where the head begins in `headers.source` */
  readonly start: number;
  private readonly methodEnd: number;
  private readonly targetEnd: number;
  private readonly end: number;
  private rawBytes: Buffer | undefined;
  private methodText: string | undefined;
  private targetText: string | undefined;

  /** @internal made by the reader, whose line and fields were just read from `buf`; throws FramingError for what only the whole head shows */
  constructor(buf: Buffer, line: StartLine, fields: FieldScan, end: number) {
    const { minor, methodEnd } = line;
    const { known } = fields;
    this.buf = buf;
    this.start = line.start;
    this.methodEnd = methodEnd;
    this.targetEnd = line.targetEnd;
    this.end = end;
    this.minor = minor;
    this.rawBytes = undefined;
    this.methodText = undefined;
    this.targetText = undefined;
    this.framing = requestFraming(known, minor, fields.contentLength);
    if (buf[methodEnd + 1] !== SLASH) this.checkTarget(known);
    else if (minor === 1 && (known & Known.HOST) === 0) fail('has no Host field');
    this.keepAlive =
      (known & Known.OPTION_CLOSE) === 0 && (minor === 1 || (known & Known.OPTION_KEEP_ALIVE) !== 0);
    this.expectContinue = minor === 1 && (known & Known.EXPECT_CONTINUE) !== 0;
    const upgrading = Known.UPGRADE | Known.OPTION_UPGRADE;
    this.upgrade = minor === 1 && (known & upgrading) === upgrading;
    this.headers = new HeaderBlock(buf, fields.marks, this.upgrade ? known | Known.SWITCHING : known);
  }

  /** The exact bytes, from the start line through the blank line. Shares memory with the chunk that was read. */
  get raw(): Buffer {
    this.rawBytes ??= this.buf.subarray(this.start, this.end);
    return this.rawBytes;
  }

  get method(): string {
    this.methodText ??= methodName(this.buf, this.start, this.methodEnd);
    return this.methodText;
  }

  /** The request target as sent: origin-form, absolute-form, authority-form (CONNECT) or `*`. */
  get target(): string {
    this.targetText ??= this.buf.toString('latin1', this.methodEnd + 1, this.targetEnd);
    return this.targetText;
  }

  /**
   * A target that is not a path: authority-form for CONNECT, `*` for OPTIONS, else absolute-form.
   * These name their host themselves, so a missing Host is let through (many CONNECT clients send none).
   */
  private checkTarget(known: number): void {
    const { method, target } = this;
    if (method === 'CONNECT') return;
    if (target === '*' && method === 'OPTIONS') {
      if (this.minor === 1 && (known & Known.HOST) === 0) fail('has no Host field');
      return;
    }
    if (!/^[A-Za-z][A-Za-z0-9+.-]*:\/\//.test(target)) fail('has a target that is neither a path nor a URL');
  }
}

function requestFraming(known: number, minor: 0 | 1, contentLength: number): Framing {
  if ((known & (Known.CONTENT_LENGTH | Known.TRANSFER_ENCODING)) === 0) return NO_BODY;
  if ((known & Known.TRANSFER_ENCODING) === 0) {
    return contentLength === 0 ? EMPTY_BODY : { kind: 'length', length: contentLength };
  }
  if (known & Known.CONTENT_LENGTH) fail('has both Content-Length and Transfer-Encoding');
  if (minor === 0) fail('has a Transfer-Encoding in HTTP/1.0');
  return CHUNKED;
}

/** The common methods without making a string. Methods are case-sensitive. */
function methodName(buf: Buffer, start: number, end: number): string {
  const length = end - start;
  if (length === 4 && buf[start] === 0x50 && equalsLower(buf, start, end, 'post')) {
    if (buf[start + 1] === 0x4f && buf[start + 2] === 0x53 && buf[start + 3] === 0x54) return 'POST';
  } else if (length === 3 && buf[start] === 0x47 && buf[start + 1] === 0x45 && buf[start + 2] === 0x54) {
    return 'GET';
  }
  return buf.toString('latin1', start, end);
}

function fail(violation: string): never {
  throw new FramingError('request', 400, violation);
}
