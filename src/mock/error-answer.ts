/** The answer to a request that is refused. */
import type { WholeAnswer } from './exchange.ts';
import { CONTENT_JSON, edgeHeaders, originHeaders } from './headers.ts';
import type { Identity } from './identity.ts';
import type { ApiRefusal } from './refusal.ts';

/**
 * The API's error envelope, its `request_id` equal to the `request-id` header. `x-should-retry: false` goes with a
 * 400, as captured from the real API; for the other statuses nothing is known, and nothing is sent.
 */
export function errorAnswer(refusal: ApiRefusal, identity: Identity): WholeAnswer {
  const { type, message, status, errorCode } = refusal;
  const details = errorCode === undefined ? {} : { details: { error_code: errorCode } };
  return {
    status,
    headers: [
      CONTENT_JSON,
      ...originHeaders(identity),
      ...edgeHeaders(identity),
      ...(status === 400 ? ([['x-should-retry', 'false']] as const) : []),
      ...refusal.headers,
    ],
    body: JSON.stringify({
      type: 'error',
      error: { type, message, ...details },
      request_id: identity.requestId(),
    }),
  };
}

/** A body over 32 MiB: refused by Cloudflare in front of the API, so without envelope and ids. */
export function tooLargeAnswer(identity: Identity): WholeAnswer {
  return {
    status: 413,
    headers: [CONTENT_JSON, ...edgeHeaders(identity)],
    body: '{"error":{"type":"request_too_large","message":"Request exceeds the maximum size"}}',
  };
}
