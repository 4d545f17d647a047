/** Counts what came of the calls; shown when a run ends. A fold over events, nothing else. */
import type { ProxyEvent } from '../core/events.ts';
import type { Applied, FinishedExchange } from './finished-exchange.ts';

/** The counts. `injected + passed + natural + abandoned + stopped = seen`. */
export interface Summary {
  /** Calls, of any outcome. */
  readonly seen: number;
  readonly injected: number;
  readonly passed: number;
  /** Failed by themselves. */
  readonly natural: number;
  /** The client went away first. */
  readonly abandoned: number;
  /** Were running when the proxy was stopped. */
  readonly stopped: number;
  /** Connections on which a fault took hold before a call or between calls. */
  readonly connectionsInjected: number;
  /** Faults that were planned and could not be carried out. */
  readonly skipped: number;
  /** Faults that took hold, by `<rule>/<fault>`. */
  readonly byFault: Readonly<Record<string, number>>;
  /** Why calls failed by themselves: a problem's code, or the status that the upstream sent. */
  readonly byReason: Readonly<Record<string, number>>;
  /** Why faults were skipped. */
  readonly bySkip: Readonly<Record<string, number>>;
}

/** More different names than this are counted together, so that a long run stays small. */
const MOST_NAMES = 200;
const OTHERS = 'others';

export const NO_COUNTS: Summary = {
  ...{ seen: 0, injected: 0, passed: 0, natural: 0, abandoned: 0, stopped: 0 },
  ...{ connectionsInjected: 0, skipped: 0, byFault: {}, byReason: {}, bySkip: {} },
};

/** The counts of two processes, or of two runs, together. */
export function addCounts(a: Summary, b: Summary): Summary {
  return {
    seen: a.seen + b.seen,
    injected: a.injected + b.injected,
    passed: a.passed + b.passed,
    natural: a.natural + b.natural,
    abandoned: a.abandoned + b.abandoned,
    stopped: a.stopped + b.stopped,
    connectionsInjected: a.connectionsInjected + b.connectionsInjected,
    skipped: a.skipped + b.skipped,
    byFault: addNames(a.byFault, b.byFault),
    byReason: addNames(a.byReason, b.byReason),
    bySkip: addNames(a.bySkip, b.bySkip),
  };
}

function addNames(
  a: Readonly<Record<string, number>>,
  b: Readonly<Record<string, number>>,
): Readonly<Record<string, number>> {
  const sums = new Map(Object.entries(a));
  for (const [name, times] of Object.entries(b)) sums.set(name, (sums.get(name) ?? 0) + times);
  return Object.fromEntries(sums);
}

/** Keeps the counts of one run. */
export class SummaryFold {
  readonly #verdicts = { injected: 0, passed: 0, natural: 0, abandoned: 0, stopped: 0 };
  readonly #byFault = new Tally();
  readonly #byReason = new Tally();
  readonly #bySkip = new Tally();
  /** A run mostly sees one fault many times. */
  #lastFault: Applied | undefined;
  #lastCount: Count | undefined;
  #seen = 0;
  #skipped = 0;
  #connections = 0;
  /** The latest connections with such a fault, so that several faults on one count once. */
  readonly #latest = new Set<number>();

  /** @param finished the exchange that `event` ended, if it did */
  observe(event: ProxyEvent, finished: FinishedExchange | undefined): void {
    switch (event.type) {
      case 'exchange.ended':
        if (finished !== undefined) this.#exchange(finished);
        break;
      case 'fault.applied':
        // Those of calls are counted as the calls end.
        if (event.exchange !== 0) break;
        this.#connection(event.connection);
        this.#byFault.of(`${event.rule}/${event.fault}`).times++;
        break;
      case 'fault.skipped':
        if (event.exchange !== 0) break;
        this.#skipped++;
        this.#bySkip.of(event.reason).times++;
        break;
      case 'exchange.decided':
      case 'exchange.head':
      case 'exchange.error':
        // Counted as their call ends.
        break;
      case 'rules.armed':
      case 'connection.decided':
      case 'connection.error':
      case 'tunnel.ended':
      case 'notice':
        // Not counted.
        break;
      default:
        event satisfies never;
    }
  }

  current(): Summary {
    return {
      seen: this.#seen,
      ...this.#verdicts,
      connectionsInjected: this.#connections,
      skipped: this.#skipped,
      byFault: this.#byFault.counts(),
      byReason: this.#byReason.counts(),
      bySkip: this.#bySkip.counts(),
    };
  }

  #countOf(applied: Applied): Count {
    const last = this.#lastFault;
    if (last === undefined || last.rule !== applied.rule || last.fault !== applied.fault) {
      this.#lastFault = applied;
      this.#lastCount = this.#byFault.of(`${applied.rule}/${applied.fault}`);
    }
    return this.#lastCount!;
  }

  #connection(connection: number): void {
    if (this.#latest.has(connection)) return;
    this.#connections++;
    this.#latest.add(connection);
    if (this.#latest.size > MOST_NAMES) this.#latest.delete(this.#latest.values().next().value!);
  }

  #exchange(finished: FinishedExchange): void {
    this.#seen++;
    this.#verdicts[finished.verdict]++;
    const { applied, skipped } = finished;
    if (applied.length === 1) this.#countOf(applied[0]!).times++;
    // One fault may have several effects.
    else if (applied.length > 1)
      for (const count of new Set(applied.map((one) => this.#countOf(one)))) count.times++;
    if (skipped.length > 0) for (const { reason } of skipped) this.#bySkip.of(reason).times++;
    this.#skipped += skipped.length;
    if (finished.verdict === 'natural') this.#byReason.of(reasonOf(finished)).times++;
  }
}

function reasonOf(finished: FinishedExchange): string {
  if (finished.error !== undefined) return finished.error.code;
  if (finished.how === 'complete') return `status ${finished.status}`;
  return finished.how;
}

interface Count {
  times: number;
}

/** How often each of some names was met. */
class Tally {
  readonly #counts = new Map<string, Count>();

  of(name: string): Count {
    const known = this.#counts.get(name);
    if (known !== undefined) return known;
    const key = this.#counts.size < MOST_NAMES ? name : OTHERS;
    const count = this.#counts.get(key) ?? { times: 0 };
    this.#counts.set(key, count);
    return count;
  }

  counts(): Record<string, number> {
    return Object.fromEntries([...this.#counts].map(([name, { times }]) => [name, times]));
  }
}
