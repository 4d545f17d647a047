/** A request's start line and fields, validated; decoded only when asked for. */

import type { FieldScan } from './field-scan.ts';
import { CHUNKED, EMPTY_BODY, type Framing, NO_BODY } from './framing.ts';
import { FramingError } from './framing-error.ts';
import { HeaderBlock } from './header-block.ts';
import { Known } from './known-fields.ts';
import type { StartLine } from './start-line.ts';

const SLASH = 0x2f;

/** What a head's bytes say. Shared by heads of equal bytes, so whatever is decoded is decoded once. */
class RequestContent {
  readonly minor: 0 | 1;
  readonly headers: HeaderBlock;
  readonly framing: Framing;
  readonly keepAlive: boolean;
  readonly expectContinue: boolean;
  readonly upgrade: boolean;
  readonly length: number;
  private readonly buf: Buffer;
  private readonly start: number;
  private readonly methodEnd: number;
  private readonly targetEnd: number;
  private methodText: string | undefined;
  private targetText: string | undefined;

  constructor(buf: Buffer, line: StartLine, fields: FieldScan, end: number) {
    const { minor, methodEnd } = line;
    const { known } = fields;
    this.buf = buf;
    this.start = line.start;
    this.methodEnd = methodEnd;
    this.targetEnd = line.targetEnd;
    this.length = end - line.start;
    this.minor = minor;
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

  get method(): string {
    this.methodText ??= this.buf.toString('latin1', this.start, this.methodEnd);
    return this.methodText;
  }

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

export class RequestHead {
  /** The chunk that the head lies in, whole; or a buffer of its own, when it came in pieces. */
  readonly source: Buffer;
  /** Where it begins in {@link source}. */
  readonly start: number;
  private readonly content: RequestContent;
  private rawBytes: Buffer | undefined;

  private constructor(content: RequestContent, source: Buffer, start: number) {
    this.content = content;
    this.source = source;
    this.start = start;
    this.rawBytes = undefined;
  }

  /** @internal for the reader, which just read `line` and `fields` from `buf`. Throws FramingError for what only the whole head shows. */
  static read(buf: Buffer, line: StartLine, fields: FieldScan, end: number): RequestHead {
    return new RequestHead(new RequestContent(buf, line, fields, end), buf, line.start);
  }

  /** @internal the same head, where the same bytes lie in another chunk */
  at(source: Buffer, start: number): RequestHead {
    return new RequestHead(this.content, source, start);
  }

  /** The exact bytes, from the start line through the blank line. Shares memory with {@link source}. */
  get raw(): Buffer {
    this.rawBytes ??= this.source.subarray(this.start, this.start + this.content.length);
    return this.rawBytes;
  }

  /** Bytes of {@link raw}. */
  get length(): number {
    return this.content.length;
  }

  get method(): string {
    return this.content.method;
  }

  /** The request target as sent: origin-form, absolute-form, authority-form (CONNECT) or `*`. */
  get target(): string {
    return this.content.target;
  }

  get minor(): 0 | 1 {
    return this.content.minor;
  }

  get headers(): HeaderBlock {
    return this.content.headers;
  }

  get framing(): Framing {
    return this.content.framing;
  }

  /** The client would send another request on this connection. */
  get keepAlive(): boolean {
    return this.content.keepAlive;
  }

  /** `Expect: 100-continue` (never on HTTP/1.0). */
  get expectContinue(): boolean {
    return this.content.expectContinue;
  }

  /** An Upgrade field that Connection lists (never on HTTP/1.0). */
  get upgrade(): boolean {
    return this.content.upgrade;
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

function fail(violation: string): never {
  throw new FramingError('request', 400, violation);
}
