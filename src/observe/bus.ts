/** The event bus: one stream from the engine to any number of observers. */
import type { EventSink, ProxyEvent } from '../core/events.ts';

export type Observer = (event: ProxyEvent) => void;

/**
 * Hands each event to every observer, in the order they subscribed, at once.
 * An observer that throws is dropped and reported on stderr: watching must never fail a call.
 */
export class EventBus implements EventSink {
  #observers: readonly Observer[] = [];

  get active(): boolean {
    return this.#observers.length > 0;
  }

  emit(event: ProxyEvent): void {
    for (const observer of this.#observers) {
      try {
        observer(event);
      } catch (error) {
        this.#remove(observer);
        process.emitWarning(
          `an observer of proxy events failed and was dropped: ${error instanceof Error ? error.message : String(error)}`,
        );
      }
    }
  }

  /** @returns a function that unsubscribes */
  subscribe(observer: Observer): () => void {
    this.#observers = [...this.#observers, observer];
    return () => this.#remove(observer);
  }

  #remove(observer: Observer): void {
    this.#observers = this.#observers.filter((other) => other !== observer);
  }
}
