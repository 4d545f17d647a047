/** The calls that a worker has begun and not ended, for the day when it is lost: then they are told as cut off. */
import type { ExchangeEnded, ExchangeError, ProxyEvent } from '../../core/events.ts';

interface UnderWay {
  readonly at: number;
  status: number;
  source: ExchangeEnded['source'];
}

export class CallsUnderWay {
  readonly #calls = new Map<number, UnderWay>();

  get size(): number {
    return this.#calls.size;
  }

  observe(event: ProxyEvent): void {
    switch (event.type) {
      case 'exchange.decided':
        this.#calls.set(event.exchange, { at: event.at, status: 0, source: 'none' });
        break;
      case 'exchange.head': {
        const call = this.#calls.get(event.exchange);
        if (call !== undefined) {
          call.status = event.status;
          call.source = event.source;
        }
        break;
      }
      case 'exchange.ended':
        this.#calls.delete(event.exchange);
        break;
      case 'fault.applied':
      case 'fault.skipped':
      case 'exchange.error':
      case 'rules.armed':
      case 'connection.decided':
      case 'connection.error':
      case 'tunnel.ended':
      case 'notice':
        // No call begins or ends with it.
        break;
      default:
        event satisfies never;
    }
  }

  /** The last events of all calls that are left, which are forgotten then. @param why e.g. `its process ended` */
  cutOff(at: number, why: string): (ExchangeError | ExchangeEnded)[] {
    const events = [...this.#calls].flatMap(([exchange, call]) => [
      { v: 1, type: 'exchange.error', at, exchange, cause: 'natural', code: 'io', message: why } as const,
      {
        ...({ v: 1, type: 'exchange.ended', at, exchange, how: 'shutdown', cause: 'natural' } as const),
        ...{ status: call.status, source: call.source, bytesUp: 0, bytesDown: 0 },
        ms: Math.max(0, at - call.at),
      },
    ]);
    this.#calls.clear();
    return events;
  }
}
