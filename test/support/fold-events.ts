/** Folds the events of a run as the log and the summary do. */
import type { ProxyEvent } from '../../src/core/events.ts';
import { ExchangeFold, type FinishedExchange } from '../../src/observe/finished-exchange.ts';
import { type Summary, SummaryFold } from '../../src/observe/summary.ts';

export interface Folded {
  /** By number. */
  readonly exchanges: ReadonlyMap<number, FinishedExchange>;
  readonly summary: Summary;
}

export function foldEvents(events: readonly ProxyEvent[]): Folded {
  const exchanges = new Map<number, FinishedExchange>();
  const running = new ExchangeFold();
  const summary = new SummaryFold();
  for (const event of events) {
    const finished = running.observe(event);
    summary.observe(event, finished);
    if (finished) exchanges.set(finished.exchange, finished);
  }
  return { exchanges, summary: summary.current() };
}
