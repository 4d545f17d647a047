/** The event bus: one stream from the engine to any number of observers. */
import type { EventSink, ObserverNeeds, ProxyEvent } from '../core/events.ts';

export type Observer = (event: ProxyEvent) => void;

export interface Interest {
  /** False for one who only counts: steps of a call from which nothing follows are left out. Default true. */
  readonly everyStep?: boolean;
  /** What is to be found out about calls besides; nothing by default. It is paid for while the observer is subscribed. */
  readonly needs?: Partial<ObserverNeeds>;
}

interface Subscription {
  readonly observer: Observer;
  readonly everyStep: boolean;
  readonly body: boolean;
}

/**
 * Hands each event to every observer, in the order they subscribed, at once.
 * An observer that throws is dropped and reported on stderr: watching must never fail a call.
 */
export class EventBus implements EventSink {
  #subscriptions: readonly Subscription[] = [];
  /** Those who want every step. */
  #followers: readonly Subscription[] = [];
  active = false;
  everyStep = false;
  needs: ObserverNeeds = NOTHING;

  emit(event: ProxyEvent): void {
    for (const { observer } of isMereStep(event) ? this.#followers : this.#subscriptions) {
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
  subscribe(observer: Observer, { everyStep = true, needs }: Interest = {}): () => void {
    this.#set([...this.#subscriptions, { observer, everyStep, body: needs?.body === true }]);
    return () => this.#remove(observer);
  }

  #remove(observer: Observer): void {
    this.#set(this.#subscriptions.filter((other) => other.observer !== observer));
  }

  #set(subscriptions: readonly Subscription[]): void {
    this.#subscriptions = subscriptions;
    this.#followers = subscriptions.filter(({ everyStep }) => everyStep);
    this.active = subscriptions.length > 0;
    this.everyStep = this.#followers.length > 0;
    this.needs = subscriptions.some(({ body }) => body) ? { body: true } : NOTHING;
  }
}

const NOTHING: ObserverNeeds = { body: false };

/** Nothing follows from it for whoever counts what became of calls. */
function isMereStep(event: ProxyEvent): boolean {
  switch (event.type) {
    case 'exchange.head':
      return true;
    case 'exchange.decided':
      return event.skipped.length === 0;
    case 'fault.applied':
    case 'fault.skipped':
    case 'exchange.error':
    case 'exchange.ended':
    case 'rules.armed':
    case 'connection.decided':
    case 'connection.error':
    case 'tunnel.ended':
    case 'notice':
      return false;
    default:
      event satisfies never;
      return false;
  }
}
