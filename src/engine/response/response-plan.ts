/** Says which of a decision's effects fit the answer that the upstream gave, and why the others do not. */
import type { Framing, ResponseHead } from '../../core/http1/head.ts';
import type { PlannedFault } from '../../core/rules/decision.ts';
import type { SortedEffects } from '../plan/effect-sorter.ts';
import { canRead } from './coding.ts';

/** What becomes of the answer's body. */
export type BodyPlan = 'pass' | 'filter' | 'rewrite';

export interface ResponsePlan {
  readonly body: BodyPlan;
  readonly coding: string;
  /** Faults that cannot act on this answer. */
  readonly skipped: readonly { fault: PlannedFault; reason: string }[];
}

export function planResponse(head: ResponseHead, framing: Framing, effects: SortedEffects): ResponsePlan {
  const coding = (head.headers.get('content-encoding') ?? '').trim().toLowerCase();
  const type = head.headers.get('content-type') ?? '';
  const stream = /^text\/event-stream\b/i.test(type);
  const { filters, rewrites } = effects;
  const faultsOf = (list: readonly { fault: PlannedFault }[]): Set<PlannedFault> =>
    new Set(list.map(({ fault }) => fault));
  const both = new Set([...faultsOf(filters), ...faultsOf(rewrites)]);
  const none = (why: string): ResponsePlan => ({
    body: 'pass',
    coding,
    skipped: [...both].map((fault) => ({ fault, reason: why })),
  });
  if (both.size === 0) return { body: 'pass', coding, skipped: [] };
  if (head.status >= 300) return none(`the upstream answered ${head.status} by itself`);
  if (framing.kind === 'none') return none('the answer has no body');
  if (!canRead(coding)) return none(`the answer is coded as ${coding}, which this runtime cannot undo`);
  const fitting = stream ? faultsOf(filters) : faultsOf(rewrites);
  const skipped = [...both]
    .filter((fault) => !fitting.has(fault))
    .map((fault) => ({
      fault,
      reason: stream
        ? 'the answer is an event stream, and this fault acts on whole bodies'
        : `the answer is no event stream (${type || 'no content-type'})`,
    }));
  if (fitting.size === 0) return { body: 'pass', coding, skipped };
  return { body: stream ? 'filter' : 'rewrite', coding, skipped };
}
