/** What the first process of `--workers` and its workers say to each other, over Node's channel between them. */
import type { ProblemCode } from '../../core/problem.ts';
import type { Summary } from '../../observe/summary.ts';
import type { Sibling } from '../open-proxy.ts';
import type { SentSettings } from './sent-settings.ts';

/** All that a worker needs to know. */
export interface WorkerPlan extends Sibling {
  readonly settings: SentSettings;
  readonly seed: string;
  /** Time zero of the rules, in nanoseconds of the machine's monotonic clock, which all processes read alike. */
  readonly armedAt: bigint;
  readonly tells: Tells;
}

/**
 * What a worker tells of its events: `all` of them, to be shown; `few`, only what a quiet run shows, and counts;
 * `recorded`, the same, and all of them as lines of an event log, which nobody needs to read on the way.
 */
export type Tells = 'all' | 'few' | 'recorded';

export type ToWorker =
  | { readonly type: 'plan'; readonly plan: WorkerPlan }
  /** Stop: what is under way may take so long to finish. Said again, there is no more time. */
  | { readonly type: 'drain'; readonly graceMs: number };

/** Where a worker listens: all on the same port. */
export interface Listens {
  readonly url: string;
  readonly host: string;
  readonly port: number;
}

export type FromWorker =
  /** It listens to us. */
  | { readonly type: 'up' }
  | ({ readonly type: 'serving' } & Listens)
  /** It could not start. */
  | { readonly type: 'problem'; readonly code: ProblemCode; readonly message: string }
  /** Events, one JSON object per line. */
  | { readonly type: 'events'; readonly lines: string }
  /** Further events, for the event log alone; and its counts with them, so that a summary never holds less than the log. */
  | { readonly type: 'records'; readonly lines: string; readonly counts: Summary }
  /** Its counts up to now. */
  | { readonly type: 'counts'; readonly counts: Summary }
  /** It has ended in order; nothing comes after it. */
  | { readonly type: 'drained' };
