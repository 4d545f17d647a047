/** Puts observers on the bus that want finished exchanges: one fold serves them all. */
import type { ProxyEvent } from '../core/events.ts';
import type { EventBus, Interest } from './bus.ts';
import { ExchangeFold, type FinishedExchange } from './finished-exchange.ts';

/** @param finished the exchange that `event` ended, if it did */
export type Watcher = (event: ProxyEvent, finished: FinishedExchange | undefined) => void;

/**
 * Calls every watcher for every event.
 *
 * @returns a function that ends it
 */
export function watch(bus: EventBus, watchers: readonly Watcher[], interest?: Interest): () => void {
  const fold = new ExchangeFold();
  return bus.subscribe((event) => {
    const finished = fold.observe(event);
    for (const watcher of watchers) watcher(event, finished);
  }, interest);
}
