/**
 * Folds the events of one exchange into one record when it has ended.
 * Log and summary read these records, so that "injected", "passed" and "failed by itself" mean the same everywhere.
 */
import type { EndedHow, ExchangeDecided, ProxyEvent } from '../core/events.ts';
import type { Skip } from '../core/rules/decision.ts';

/**
 * What became of a call, for people:
 * - `injected`: at least one fault took hold of it
 * - `passed`: the client got the upstream's good answer
 * - `natural`: it failed by itself; no fault of ours
 * - `abandoned`: the client went away before the end, and no fault had touched it
 * - `stopped`: the proxy was stopped while it ran
 */
export type Verdict = 'injected' | 'passed' | 'natural' | 'abandoned' | 'stopped';

/** Everything that the events of one exchange said. */
export interface FinishedExchange {
  readonly verdict: Verdict;
  readonly exchange: number;
  /** When it ended, milliseconds since the Unix epoch. */
  readonly at: number;
  /** What the rules saw and said; undefined when it never came so far (not HTTP that we accept), or nobody wanted every step. */
  readonly decided: ExchangeDecided | undefined;
  readonly applied: readonly Applied[];
  /** Faults that were planned or wanted, and could not act. */
  readonly skipped: readonly Skip[];
  readonly error: { readonly code: string; readonly message: string } | undefined;
  readonly how: EndedHow;
  /** Status sent; 0 when no head went out. */
  readonly status: number;
  readonly source: 'injected' | 'upstream' | 'proxy' | 'none';
  readonly bytesUp: number;
  readonly bytesDown: number;
  readonly ms: number;
}

/** A fault that took hold, and what it did. */
export interface Applied {
  readonly rule: string;
  readonly fault: string;
  readonly effect: string;
}

interface Running {
  decided: ExchangeDecided | undefined;
  applied: readonly Applied[];
  skipped: readonly Skip[];
  error: { code: string; message: string } | undefined;
}

const NONE: readonly never[] = Object.freeze([]);

const NOTHING_HAPPENED: Readonly<Running> = Object.freeze({
  decided: undefined,
  applied: NONE,
  skipped: NONE,
  error: undefined,
});

/** Remembers only exchanges that still run. */
export class ExchangeFold {
  readonly #running = new Map<number, Running>();
  /** The one that began last: many begin and end at once, and then need no place in the map. 0: none. */
  #latest = 0;
  #latestRunning: Running | undefined;

  /** @returns the finished exchange when `event` was its last, else undefined */
  observe(event: ProxyEvent): FinishedExchange | undefined {
    switch (event.type) {
      case 'exchange.decided': {
        const running = this.#of(event.exchange);
        running.decided = event;
        if (event.skipped.length > 0) running.skipped = [...running.skipped, ...event.skipped];
        return undefined;
      }
      case 'fault.applied':
        // Exchange 0: a connection that carried no exchange just then; the log and the summary tell it on its own.
        if (event.exchange > 0) {
          const running = this.#of(event.exchange);
          const one = { rule: event.rule, fault: event.fault, effect: event.effect };
          running.applied = and(running.applied, one);
        }
        return undefined;
      case 'fault.skipped':
        if (event.exchange > 0) {
          const running = this.#of(event.exchange);
          const one = { rule: event.rule, fault: event.fault, reason: event.reason };
          running.skipped = and(running.skipped, one);
        }
        return undefined;
      case 'exchange.error':
        this.#of(event.exchange).error = { code: event.code, message: event.message };
        return undefined;
      case 'exchange.ended': {
        const { exchange } = event;
        const { decided, applied, skipped, error } = this.#take(exchange) ?? NOTHING_HAPPENED;
        return {
          verdict: verdictOf(event, applied.length > 0, error !== undefined),
          exchange,
          at: event.at,
          decided,
          applied,
          skipped,
          error,
          how: event.how,
          status: event.status,
          source: event.source,
          bytesUp: event.bytesUp,
          bytesDown: event.bytesDown,
          ms: event.ms,
        };
      }
      case 'exchange.head':
        // Its status and source are in the last event again.
        return undefined;
      case 'rules.armed':
      case 'connection.decided':
      case 'connection.error':
      case 'tunnel.ended':
      case 'notice':
        // Of no call.
        return undefined;
      default:
        event satisfies never;
        return undefined;
    }
  }

  #of(exchange: number): Running {
    if (exchange === this.#latest) return this.#latestRunning!;
    let running = this.#running.get(exchange);
    if (running === undefined) {
      running = { decided: undefined, applied: NONE, skipped: NONE, error: undefined };
      if (this.#latest !== 0) this.#running.set(this.#latest, this.#latestRunning!);
      this.#latest = exchange;
      this.#latestRunning = running;
    }
    return running;
  }

  #take(exchange: number): Running | undefined {
    let running = this.#latestRunning;
    if (exchange === this.#latest) {
      this.#latest = 0;
      this.#latestRunning = undefined;
    } else {
      running = this.#running.get(exchange);
      this.#running.delete(exchange);
    }
    return running;
  }
}

/** Mostly there is one only, and a list made of it has no room to spare. */
function and<One>(list: readonly One[], one: One): readonly One[] {
  return list.length === 0 ? [one] : [...list, one];
}

function verdictOf(
  ended: { how: EndedHow; cause: 'injected' | 'natural' | null },
  touched: boolean,
  failed: boolean,
): Verdict {
  if (ended.cause === 'injected') return 'injected';
  if (touched && ended.cause === null) return 'injected';
  if (ended.how === 'shutdown') return 'stopped';
  // Whoever leaves once it was told of an error leaves because of it.
  if (ended.how === 'client-abort' && !failed) return touched ? 'injected' : 'abandoned';
  return ended.cause === 'natural' ? 'natural' : 'passed';
}
