/** From the parameters of `http-error` to the answer that goes out: body, ids and headers as the API sends them. */
import { type ApiError, apiError } from '../anthropic/api-error.ts';
import { errorByName, errorByStatus, errorByType, typeOfStatus } from '../anthropic/errors.ts';
import { ACCOUNT_HEADERS, limitHeaders, limitOf, ORGANIZATION_ID, rfc3339 } from '../anthropic/headers.ts';
import { REQUEST_ID_SLOT, type RespondEffect } from '../effect.ts';
import type { Header } from '../facts.ts';
import { reasonPhrase } from '../http1/reason.ts';
import type { FaultEnv } from './fault.ts';
import { type OwnHeader, withOwnHeaders } from './headers-param.ts';
import type { HttpErrorParams } from './http-error-params.ts';
import { type RetryAfter, retryAfterHeader, retryAfterMs, scaleRetryAfter } from './retry-after-param.ts';

/** An error answer in which only the time, the request's model and its request id are still open. */
export interface ErrorAnswer {
  readonly base: ApiError;
  readonly status: number;
  readonly type: string;
  readonly message: string;
  /** The message is a wording of the catalogue, with placeholders. */
  readonly template: boolean;
  readonly errorCode: string | null;
  readonly form: ApiError['form'];
  /** The whole body, where the user gave one. */
  readonly body: string | undefined;
  /** Id in the header and in the body; undefined: not there. */
  readonly headerId: string | undefined;
  readonly bodyId: string | null | undefined;
  readonly shouldRetry: boolean | null;
  readonly retryAfter: RetryAfter;
  readonly own: readonly OwnHeader[];
  /** The limit that was reached and its headers, where they are known; else those that the catalogue makes up. */
  readonly reached?: { readonly limit: number; readonly headers: readonly Header[] };
}

const DEFAULT_RETRY_AFTER: RetryAfter = { as: 'seconds', seconds: 5 };
const NO_RETRY_AFTER: RetryAfter = { as: 'absent' };
/** Named in a wording where the request's own model is not known. */
const SOME_MODEL = 'claude-sonnet-4-5';

/** Settles all that does not depend on the exchange. */
export function describeAnswer(params: HttpErrorParams, env: FaultEnv): ErrorAnswer {
  const base = baseOf(params);
  const status = params.status ?? base.status;
  const mode = params.message ?? (params.name === undefined ? env.messages : 'real');
  const wording = mode === 'real' ? base.messages[0] : undefined;
  const simulated = `Simulated error: ${reasonPhrase(status)}`;
  const body = typeof params.body === 'object' ? JSON.stringify(params.body) : params.body;
  const form = mode === 'real' && body === undefined ? base.form : 'envelope';
  const own = params.headers ?? [];
  return {
    base,
    status,
    type: params.type ?? base.type,
    message: wording ?? (mode === 'real' || mode === 'simulated' ? simulated : mode),
    template: wording !== undefined,
    errorCode: params.error_code ?? base.errorCode,
    form,
    body,
    ...idsOf(params.request_id, form, body, own),
    shouldRetry: params.should_retry === 'absent' ? null : (params.should_retry ?? base.shouldRetry),
    retryAfter: scaleRetryAfter(
      params.retry_after ?? (base.retryAfter ? DEFAULT_RETRY_AFTER : NO_RETRY_AFTER),
      env.timeScale ?? 1,
    ),
    own,
  };
}

/** The catalogue's entry, or one made up for a status or a type that the API is not known to use. */
function baseOf({ name, status, type }: HttpErrorParams): ApiError {
  if (name !== undefined) return errorByName(name)!;
  if (status === undefined) return errorByType(type!)!;
  const base =
    errorByStatus(status) ??
    apiError({ name: `http-${status}`, status, type: typeOfStatus(status), summary: '' });
  if (type === undefined || type === base.type) return base;
  return { ...base, messages: errorByType(type)?.messages ?? [], form: 'envelope' };
}

function idsOf(
  wanted: HttpErrorParams['request_id'],
  form: ApiError['form'],
  body: string | undefined,
  own: readonly OwnHeader[],
): Pick<ErrorAnswer, 'headerId' | 'bodyId'> {
  if (wanted === null) return { headerId: undefined, bodyId: null };
  if (wanted === 'absent') return { headerId: undefined, bodyId: undefined };
  if (wanted === 'header-only') return { headerId: REQUEST_ID_SLOT, bodyId: undefined };
  if (wanted !== undefined) return { headerId: wanted, bodyId: wanted };
  if (body !== undefined) return { headerId: idInside(body) ?? REQUEST_ID_SLOT, bodyId: undefined };
  if (form === 'bare') return { headerId: undefined, bodyId: undefined };
  const ownId = own.find(({ name }) => name.toLowerCase() === 'request-id')?.values[0] ?? REQUEST_ID_SLOT;
  return { headerId: ownId, bodyId: ownId };
}

/** The `request_id` of a body of the user's, if it is one that a header can hold. */
function idInside(body: string): string | undefined {
  try {
    const id: unknown = JSON.parse(body)?.request_id;
    return typeof id === 'string' && /^[\x21-\x7e]+$/.test(id) ? id : undefined;
  } catch {
    return undefined;
  }
}

/** True when the answer holds a time, and so is another one each second. */
export function isTimed(answer: ErrorAnswer): boolean {
  const dated = answer.template && answer.message.includes('{next_month}');
  return dated || answer.base.limits !== 'none' || answer.retryAfter.as === 'date';
}

/** True when the wording names the request's model. */
export function namesModel(answer: ErrorAnswer): boolean {
  return answer.template && answer.body === undefined && answer.message.includes('{model}');
}

/**
 * The effect for one exchange.
 *
 * @param wall milliseconds since the Unix epoch
 * @param model the request's model, where it is known
 */
export function renderError(answer: ErrorAnswer, wall: number, model: string | undefined): RespondEffect {
  const { status } = answer;
  return Object.freeze({
    do: 'respond',
    status,
    reason: reasonPhrase(status),
    headers: Object.freeze(headersOf(answer, wall)),
    body: answer.body ?? JSON.stringify(envelope(answer, wall, model)),
  });
}

/** Keys in the order of the wire: type, error (type, message, details), request_id. */
function envelope(answer: ErrorAnswer, wall: number, model: string | undefined): object {
  const error = {
    type: answer.type,
    message: answer.template ? fill(answer, wall, model) : answer.message,
    ...(answer.errorCode === null ? {} : { details: { error_code: answer.errorCode } }),
  };
  if (answer.form === 'bare') return { error };
  return { type: 'error', error, ...(answer.bodyId === undefined ? {} : { request_id: answer.bodyId }) };
}

function headersOf(answer: ErrorAnswer, wall: number): readonly Header[] {
  const { base, shouldRetry, retryAfter, headerId } = answer;
  const hint = retryAfterHeader(retryAfter, wall);
  const wait = retryAfterMs(retryAfter) ?? retryAfterMs(DEFAULT_RETRY_AFTER)!;
  const ours: Header[] = [['content-type', 'application/json']];
  if (shouldRetry !== null) ours.push(['x-should-retry', String(shouldRetry)]);
  if (hint) ours.push(hint);
  ours.push(...(answer.reached?.headers ?? limitHeaders(base.limits, wait, wall)));
  if (base.ids) ours.push(...ACCOUNT_HEADERS);
  if (headerId !== undefined) ours.push(['request-id', headerId]);
  return withOwnHeaders(ours, answer.own);
}

/** Fills a wording's placeholders. One pass, so that what is filled in is never read as a placeholder. */
function fill(answer: ErrorAnswer, wall: number, model: string | undefined): string {
  return answer.message.replace(/\{(model|org|limit|next_month)\}/g, (_, name: string) => {
    if (name === 'model') return model ?? SOME_MODEL;
    if (name === 'org') return ORGANIZATION_ID;
    if (name === 'limit')
      return (answer.reached?.limit ?? limitOf(answer.base.limits))?.toLocaleString('en-US') ?? '';
    return nextMonth(wall);
  });
}

/** First day of the month after, `2026-09-01`. */
function nextMonth(wall: number): string {
  const now = new Date(wall);
  return rfc3339(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 1)).slice(0, 10);
}
