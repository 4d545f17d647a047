/** A client that speaks no HTTP/1.1: why a run saw no call of it. */
import type { ProxyEvent } from '../core/events.ts';

/** True for what tells of such a client. */
export function tellsHttp2Only(event: ProxyEvent): boolean {
  return event.type === 'notice' && event.code === 'client-http2-only';
}

export const HTTP2_ONLY =
  'A client spoke HTTP/2 and nothing else, and this proxy speaks HTTP/1.1: let it use HTTP/1.1 (curl does without --http2-prior-knowledge).';
