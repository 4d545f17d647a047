/** Tells of a client that speaks no HTTP/1.1; said once in the life of the process. */
import type { Services } from './services.ts';

/** @param what it did, as the beginning of a sentence */
export function noteHttp2Only(services: Services, what: string): void {
  services.notice('client-http2-only', `${what}; this proxy speaks HTTP/1.1. Let the client use HTTP/1.1.`);
}
