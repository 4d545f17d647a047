/**
 * The handful of fields that HTTP/1.1 itself acts on, and what else is asked of every message, told apart by length and
 * bytes while the head is read, so that the rest of the engine asks one bit instead of searching.
 */
import { equalsLower } from './bytes.ts';

/** One bit per field; `Known.CLOSE` … are options found in Connection. */
export const Known = {
  HOST: 1 << 0,
  CONTENT_LENGTH: 1 << 1,
  TRANSFER_ENCODING: 1 << 2,
  CONNECTION: 1 << 3,
  EXPECT_CONTINUE: 1 << 4,
  UPGRADE: 1 << 5,
  KEEP_ALIVE: 1 << 6,
  PROXY_CONNECTION: 1 << 7,
  PROXY_AUTHORIZATION: 1 << 8,
  TE: 1 << 9,
  /** TE asks for more than `trailers`. */
  TE_CODINGS: 1 << 10,
  OPTION_CLOSE: 1 << 11,
  OPTION_KEEP_ALIVE: 1 << 12,
  OPTION_UPGRADE: 1 << 13,
  OPTION_TE: 1 << 14,
  /** Connection lists something else: a field name to drop. */
  OPTION_OTHER: 1 << 15,
  /** The message switches protocols (an upgrading request; a 101 or 426). Set once the head is complete. */
  SWITCHING: 1 << 16,
  /** A 1xx or 204 that carries Transfer-Encoding or a Content-Length other than 0. Set once the head is complete. */
  MISPLACED_FRAMING: 1 << 17,
  /** Content-Type is `text/event-stream`, with or without parameters. */
  EVENT_STREAM: 1 << 18,
  /** Origin or Sec-Fetch-Site: a browser tells which web page it sends the request for. */
  OF_PAGE: 1 << 19,
} as const;

/** The bit of a field's name (`EXPECT_CONTINUE` for any Expect, `EVENT_STREAM` for any Content-Type), 0 for all others. */
export function knownField(buf: Uint8Array, start: number, end: number): number {
  switch (end - start) {
    case 2:
      return equalsLower(buf, start, end, 'te') ? Known.TE : 0;
    case 4:
      return equalsLower(buf, start, end, 'host') ? Known.HOST : 0;
    case 6:
      if (equalsLower(buf, start, end, 'origin')) return Known.OF_PAGE;
      return equalsLower(buf, start, end, 'expect') ? Known.EXPECT_CONTINUE : 0;
    case 7:
      return equalsLower(buf, start, end, 'upgrade') ? Known.UPGRADE : 0;
    case 10:
      if (equalsLower(buf, start, end, 'connection')) return Known.CONNECTION;
      return equalsLower(buf, start, end, 'keep-alive') ? Known.KEEP_ALIVE : 0;
    case 12:
      return equalsLower(buf, start, end, 'content-type') ? Known.EVENT_STREAM : 0;
    case 14:
      if (equalsLower(buf, start, end, 'content-length')) return Known.CONTENT_LENGTH;
      return equalsLower(buf, start, end, 'sec-fetch-site') ? Known.OF_PAGE : 0;
    case 16:
      return equalsLower(buf, start, end, 'proxy-connection') ? Known.PROXY_CONNECTION : 0;
    case 17:
      return equalsLower(buf, start, end, 'transfer-encoding') ? Known.TRANSFER_ENCODING : 0;
    case 19:
      return equalsLower(buf, start, end, 'proxy-authorization') ? Known.PROXY_AUTHORIZATION : 0;
    default:
      return 0;
  }
}

/** The bit of one option of Connection. */
export function connectionOption(buf: Uint8Array, start: number, end: number): number {
  switch (end - start) {
    case 2:
      if (equalsLower(buf, start, end, 'te')) return Known.OPTION_TE;
      break;
    case 5:
      if (equalsLower(buf, start, end, 'close')) return Known.OPTION_CLOSE;
      break;
    case 7:
      if (equalsLower(buf, start, end, 'upgrade')) return Known.OPTION_UPGRADE;
      break;
    case 10:
      if (equalsLower(buf, start, end, 'keep-alive')) return Known.OPTION_KEEP_ALIVE;
      break;
  }
  return Known.OPTION_OTHER;
}
