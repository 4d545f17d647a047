/**
 * What one known error of the Claude API looks like, as plain data. The catalogue (`errors.ts`) is a list of these;
 * `http-error`, the `errors` command and the docs all read it.
 */

/**
 * How a fact is known. `source`: read in a client's published source; `observed`: a real client against a loopback
 * server; `documented`: the vendor's documentation; `reported`: a third party's capture or report;
 * `unverified`: nobody showed it, so it is not to be presented as fact.
 */
export type Grade = 'source' | 'observed' | 'documented' | 'reported' | 'unverified';

/** Which set of rate-limit headers comes along: none, the API's with that bucket empty, or a subscription's. */
export type LimitHeaders = 'none' | 'input-tokens' | 'output-tokens' | 'requests' | 'unified';

/** One known error. Everything in it is JSON. */
export interface ApiError {
  /** Name in a rules file, kebab-case, unique. */
  readonly name: string;
  readonly status: number;
  /** Value of `error.type`. */
  readonly type: string;
  /** When the API answers so, one line. */
  readonly summary: string;
  /**
   * Known wordings, the one that is sent first; empty where none is known. `{model}`, `{org}`, `{limit}` (the empty
   * bucket's size) and `{next_month}` (date) are filled in when it is sent.
   */
  readonly messages: readonly string[];
  /** Value of `error.details.error_code`; null on uncoded errors. */
  readonly errorCode: string | null;
  /** Whether the same request may succeed later. */
  readonly retryable: boolean;
  /** What a good client does. */
  readonly client: string;
  /** Value of `x-should-retry`; null where the header is not sent. */
  readonly shouldRetry: boolean | null;
  /** Whether `retry-after` comes along. */
  readonly retryAfter: boolean;
  readonly limits: LimitHeaders;
  /** Whether `anthropic-organization-id` and `anthropic-workspace-id` come along (not where the key was not resolved). */
  readonly ids: boolean;
  /** `bare`: `{"error":{…}}` without `type`, `request_id` and API headers, as the edge in front of the API writes it. */
  readonly form: 'envelope' | 'bare';
  /** Where the wording comes from. */
  readonly source: string;
  readonly grade: Grade;
  /** Parts of this entry that nobody showed yet. */
  readonly unverified: readonly string[];
}

/** What has to be said of an error; the rest follows from its status. */
export type ApiErrorInput = Pick<ApiError, 'name' | 'status' | 'type' | 'summary'> & Partial<ApiError>;

/**
 * Completes an entry: `x-should-retry` is `false` on 400, `true` on 429 and 529 and absent elsewhere (elsewhere nobody
 * showed it); 401 comes without organisation ids; a 5xx or 429 may be retried.
 */
export function apiError(input: ApiErrorInput): ApiError {
  const { status } = input;
  const retryable = input.retryable ?? (status === 429 || status >= 500);
  return {
    messages: [],
    errorCode: null,
    retryable,
    client: retryable ? 'retry with backoff' : 'do not retry; fix the request',
    shouldRetry: status === 400 ? false : status === 429 || status === 529 ? true : null,
    retryAfter: false,
    limits: 'none',
    ids: status !== 401,
    form: 'envelope',
    source: 'D:api/errors',
    grade: 'documented',
    unverified: [],
    ...input,
  };
}
