/** A response's status line and fields, validated; decoded only when asked for. */
import type { FieldScan } from './field-scan.ts';
import { CHUNKED, EMPTY_BODY, type Framing, NO_BODY, UNTIL_EOF } from './framing.ts';
import { FramingError } from './framing-error.ts';
import { HeaderBlock } from './header-block.ts';
import { Known } from './known-fields.ts';
import type { StartLine } from './start-line.ts';

/** What a head's bytes say. Shared by heads of equal bytes, so whatever is decoded is decoded once. */
class ResponseContent {
  readonly status: number;
  readonly minor: 0 | 1;
  readonly headers: HeaderBlock;
  readonly keepAlive: boolean;
  readonly length: number;
  readonly body: Framing;
  private readonly buf: Buffer;
  private readonly reasonStart: number;
  private readonly reasonEnd: number;

  constructor(buf: Buffer, line: StartLine, fields: FieldScan, end: number) {
    const { minor, status } = line;
    let known = fields.known;
    this.buf = buf;
    this.reasonStart = line.reasonStart;
    this.reasonEnd = line.reasonEnd;
    this.length = end - line.start;
    this.status = status;
    this.minor = minor;
    this.body = responseFraming(known, minor, fields.contentLength);
    this.keepAlive =
      (known & Known.OPTION_CLOSE) === 0 && (minor === 1 || (known & Known.OPTION_KEEP_ALIVE) !== 0);
    if (status === 101 || status === 426) known |= Known.SWITCHING;
    if ((status < 200 || status === 204) && this.body !== UNTIL_EOF && this.body !== EMPTY_BODY) {
      known |= Known.MISPLACED_FRAMING;
    }
    this.headers = new HeaderBlock(buf, fields.marks, known);
  }

  get reason(): string {
    return this.buf.toString('latin1', this.reasonStart, this.reasonEnd);
  }
}

export class ResponseHead {
  /** The chunk that the head lies in, whole; or a buffer of its own, when it came in pieces. */
  readonly source: Buffer;
  /** Where it begins in {@link source}. */
  readonly start: number;
  private readonly content: ResponseContent;
  private rawBytes: Buffer | undefined;

  private constructor(content: ResponseContent, source: Buffer, start: number) {
    this.content = content;
    this.source = source;
    this.start = start;
    this.rawBytes = undefined;
  }

  /** @internal for the reader, which just read `line` and `fields` from `buf`. Throws FramingError for what only the whole head shows. */
  static read(buf: Buffer, line: StartLine, fields: FieldScan, end: number): ResponseHead {
    return new ResponseHead(new ResponseContent(buf, line, fields, end), buf, line.start);
  }

  /** @internal the same head, where the same bytes lie in another chunk */
  at(source: Buffer, start: number): ResponseHead {
    return new ResponseHead(this.content, source, start);
  }

  /** The exact bytes, from the start line through the blank line. Shares memory with {@link source}. */
  get raw(): Buffer {
    this.rawBytes ??= this.source.subarray(this.start, this.start + this.content.length);
    return this.rawBytes;
  }

  get status(): number {
    return this.content.status;
  }

  /** The reason phrase as sent (latin1); may be empty. */
  get reason(): string {
    return this.content.reason;
  }

  get minor(): 0 | 1 {
    return this.content.minor;
  }

  get headers(): HeaderBlock {
    return this.content.headers;
  }

  /** The sender keeps the connection, as far as its head says; a body that ends with the connection overrules it. */
  get keepAlive(): boolean {
    return this.content.keepAlive;
  }

  /** Its Content-Type is `text/event-stream`. Known without decoding the head. */
  get eventStream(): boolean {
    return (this.content.headers.known & Known.EVENT_STREAM) !== 0;
  }

  /**
   * How the body ends, given the method of the request it answers (RFC 9112 §6.3): none for HEAD, 1xx, 204, 304
   * and a 2xx to CONNECT (what follows is the tunnel).
   */
  framingFor(requestMethod: string): Framing {
    const { status, body } = this.content;
    if (status < 200 || status === 204 || status === 304 || requestMethod === 'HEAD') return NO_BODY;
    if (requestMethod === 'CONNECT' && status < 300) return NO_BODY;
    return body;
  }
}

function responseFraming(known: number, minor: 0 | 1, contentLength: number): Framing {
  if ((known & (Known.CONTENT_LENGTH | Known.TRANSFER_ENCODING)) === 0) return UNTIL_EOF;
  if ((known & Known.TRANSFER_ENCODING) === 0) {
    return contentLength === 0 ? EMPTY_BODY : { kind: 'length', length: contentLength };
  }
  if (known & Known.CONTENT_LENGTH) fail('has both Content-Length and Transfer-Encoding');
  if (minor === 0) fail('has a Transfer-Encoding in HTTP/1.0');
  return CHUNKED;
}

function fail(violation: string): never {
  throw new FramingError('response', 502, violation);
}
