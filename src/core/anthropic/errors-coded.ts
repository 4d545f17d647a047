/**
 * Coded errors that concern Messages: the official TypeScript SDK (1.12) maps their status and
 * `error_code` to a class. No wording of theirs is known, so none is claimed.
 */
import { type ApiError, apiError } from './api-error.ts';

const TYPES: Readonly<Record<number, string>> = {
  400: 'invalid_request_error',
  402: 'billing_error',
  404: 'not_found_error',
  413: 'request_too_large',
  503: 'api_error',
  529: 'overloaded_error',
};

const CODED: readonly (readonly [status: number, code: string, summary: string])[] = [
  [400, 'image_dimensions_too_large', 'An image is larger than the model takes'],
  [400, 'organization_on_hold', 'The organization is on hold for trust and safety'],
  [
    400,
    'claude_code_version_too_old',
    'This Claude Code is older than the model or the organization asks for',
  ],
  [400, 'request_body_encoding_invalid', 'The body is not valid for its content-encoding'],
  [400, 'thread_already_continued', 'The thread was continued from this point before'],
  [400, 'thread_continue_in_flight', 'Another request is continuing the thread'],
  [400, 'thread_fingerprint_mismatch', 'The request does not fit the thread that it continues'],
  [400, 'thread_unsupported_request', 'A thread cannot be continued with this request'],
  [402, 'linked_organization_billing_unavailable', 'The linked organization cannot be billed'],
  [402, 'linked_organization_spend_limit_reached', 'The linked organization reached its spend limit'],
  [404, 'thread_not_found', 'The thread does not exist'],
  [413, 'request_body_too_large_after_decoding', 'The body is larger than 32 MB once decompressed'],
  [503, 'cmek_key_unreachable', "The customer's encryption key cannot be reached"],
  [529, 'compaction_unavailable', 'Compaction is overloaded'],
];

/** Coded errors; the name is the code in kebab-case. */
export const codedErrors: readonly ApiError[] = CODED.map(([status, errorCode, summary]) =>
  apiError({
    name: errorCode.replaceAll('_', '-'),
    status,
    type: TYPES[status]!,
    summary,
    errorCode,
    source: 'TS1 core/error-classes.ts',
    grade: 'source',
    unverified: ['wording', 'error.type', 'x-should-retry'],
  }),
);
