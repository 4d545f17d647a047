/** A response's status line and fields, validated; decoded only when asked for. */
import type { FieldScan } from './field-scan.ts';
import { CHUNKED, EMPTY_BODY, type Framing, NO_BODY, UNTIL_EOF } from './framing.ts';
import { FramingError } from './framing-error.ts';
import { HeaderBlock } from './header-block.ts';
import { Known } from './known-fields.ts';
import type { StartLine } from './start-line.ts';

export class ResponseHead {
  readonly status: number;
  readonly minor: 0 | 1;
  readonly headers: HeaderBlock;
  /** The sender keeps the connection, as far as its head says; a body that ends with the connection overrules it. */
  readonly keepAlive: boolean;
  private readonly buf: Buffer;
  /** @internal where the head begins in `headers.source` */
  readonly start: number;
  private readonly reasonStart: number;
  private readonly reasonEnd: number;
  private readonly end: number;
  private readonly body: Framing;
  private rawBytes: Buffer | undefined;

  /** @internal made by the reader, whose line and fields were just read from `buf`; throws FramingError for what only the whole head shows */
  constructor(buf: Buffer, line: StartLine, fields: FieldScan, end: number) {
    const { minor, status } = line;
    let known = fields.known;
    this.buf = buf;
    this.start = line.start;
    this.reasonStart = line.reasonStart;
    this.reasonEnd = line.reasonEnd;
    this.end = end;
    this.status = status;
    this.minor = minor;
    this.rawBytes = undefined;
    this.body = responseFraming(known, minor, fields.contentLength);
    this.keepAlive =
      (known & Known.OPTION_CLOSE) === 0 && (minor === 1 || (known & Known.OPTION_KEEP_ALIVE) !== 0);
    if (status === 101 || status === 426) known |= Known.SWITCHING;
    if ((status < 200 || status === 204) && this.body !== UNTIL_EOF && this.body !== EMPTY_BODY) {
      known |= Known.MISPLACED_FRAMING;
    }
    this.headers = new HeaderBlock(buf, fields.marks, known);
  }

  /** The exact bytes, from the status line through the blank line. Shares memory with the chunk that was read. */
  get raw(): Buffer {
    this.rawBytes ??= this.buf.subarray(this.start, this.end);
    return this.rawBytes;
  }

  /** The reason phrase as sent (latin1); may be empty. */
  get reason(): string {
    return this.buf.toString('latin1', this.reasonStart, this.reasonEnd);
  }

  /**
   * How the body ends, given the method of the request it answers (RFC 9112 §6.3): none for HEAD, 1xx, 204, 304
   * and a 2xx to CONNECT (what follows is the tunnel).
   */
  framingFor(requestMethod: string): Framing {
    const { status } = this;
    if (status < 200 || status === 204 || status === 304 || requestMethod === 'HEAD') return NO_BODY;
    if (requestMethod === 'CONNECT' && status < 300) return NO_BODY;
    return this.body;
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
