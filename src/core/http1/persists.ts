/** Whether a connection may carry another exchange (RFC 9112 §9.3), as far as the heads of one say. */
import { Known } from './known-fields.ts';
import type { RequestHead } from './request-head.ts';
import type { ResponseHead } from './response-head.ts';

/**
 * True when neither side has said that it closes. A request of HTTP/1.0 asks for more by `keep-alive`, and whoever
 * answers must grant it by name: the version of the answer alone says nothing of it.
 */
export function persists(request: RequestHead, response: ResponseHead): boolean {
  if (!request.keepAlive || !response.keepAlive) return false;
  return request.minor === 1 || (response.headers.known & Known.OPTION_KEEP_ALIVE) !== 0;
}
