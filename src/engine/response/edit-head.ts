/** The head of an answer that faults act on: what they, and what becomes of the body, change in it. */
import type { AnswerFacts, FilterEffect, HeadEffect } from '../../core/effect.ts';
import type { Cause } from '../../core/events.ts';
import type { Header } from '../../core/facts.ts';
import { type Framing, forwardEdit, type ResponseHead, rewriteHead } from '../../core/http1/head.ts';
import { reasonPhrase } from '../../core/http1/reason.ts';
import type { PlannedFault } from '../../core/rules/decision.ts';
import type { PlannedEffect } from '../plan/effect-sorter.ts';

export interface HeadEdit {
  readonly drop: Set<string>;
  readonly set: Header[];
  readonly status: number;
  readonly startLine: string | undefined;
  /** Faults that change it, and what of it. */
  readonly applied: readonly { readonly fault: PlannedFault; readonly told: string }[];
}

/**
 * @param own the answer is ours, so nothing of it is between two hops
 * @param set headers that the body calls for
 */
export function editHead(
  head: ResponseHead,
  edits: readonly PlannedEffect<HeadEffect>[],
  own: boolean,
  set: readonly Header[],
): HeadEdit {
  const forward = own ? undefined : forwardEdit(head.headers, 'response');
  const drop = new Set(forward?.drop ?? []);
  const headers: Header[] = [...(forward?.set ?? []), ...set];
  const applied: { fault: PlannedFault; told: string }[] = [];
  let { status } = head;
  let startLine: string | undefined;
  for (const { effect, fault } of edits) {
    for (const name of effect.remove ?? []) drop.add(name);
    headers.push(...(effect.set ?? []));
    if (effect.status !== undefined) {
      status = effect.status;
      startLine = `HTTP/1.${head.minor} ${status} ${effect.reason ?? reasonPhrase(status)}`;
    }
    if (!effect.informs)
      applied.push({ fault, told: effect.status === undefined ? 'changed the head' : `status ${status}` });
  }
  if (set.length > 0) drop.add('transfer-encoding');
  return { drop, set: headers, status, startLine, applied };
}

/**
 * A filtered body's length is not known beforehand: it goes out chunked, or until the end where it came so.
 *
 * @param minor of the client's HTTP version
 * @param last no call can follow on this connection
 * @returns true when it goes out chunked
 */
export function frameStream(
  { drop, set }: HeadEdit,
  framing: Framing,
  minor: number,
  filters: readonly PlannedEffect<FilterEffect>[],
  last: boolean,
): boolean {
  const chunked = minor === 1 && framing.kind !== 'eof';
  if (framing.kind === 'length') {
    drop.add('content-length');
    if (chunked) set.push(['Transfer-Encoding', 'chunked']);
  }
  const type = filters.find(({ effect }) => effect.contentType)?.effect.contentType;
  if (type !== undefined) set.push(['Content-Type', type]);
  if (last) {
    drop.add('keep-alive');
    set.push(['Connection', 'close']);
  }
  return chunked;
}

/** The head's bytes; untouched where nothing is changed. */
export function writeHead(head: ResponseHead, { drop, set, startLine }: HeadEdit): Buffer {
  if (drop.size === 0 && set.length === 0 && startLine === undefined) return head.raw;
  return rewriteHead(head, { drop, set, ...(startLine === undefined ? {} : { startLine }) });
}

/** What filters and rewrites are told of the answer. */
export function answerFacts(head: ResponseHead): AnswerFacts {
  const requestId = head.headers.get('request-id');
  return requestId === undefined ? {} : { requestId };
}

/**
 * Whose doing it is that the client did not get a good answer of its upstream's; null when it did.
 *
 * @param sent status that the client was sent
 * @param came status that the upstream sent
 */
export function causeOf(sent: number, came: number): Cause | null {
  if (sent < 400) return null;
  return came >= 400 ? 'natural' : 'injected';
}
