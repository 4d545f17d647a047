/**
 * `exchange.decided`, whose costly parts (the reason in words, the key's fingerprint) are worked out when somebody
 * reads them: a run that only counts never does. Read it at once: its facts live as long as the exchange.
 */
import type { ExchangeDecided } from '../core/events.ts';
import type { RequestFacts, Via } from '../core/facts.ts';
import { type Decision, faultKinds, type Skip } from '../core/rules/decision.ts';
import type { RequestPlace } from './request-place.ts';

export interface DecidedParts {
  readonly at: number;
  readonly exchange: number;
  readonly connection: number;
  readonly tls: boolean;
  readonly method: string;
  readonly decision: Decision;
  readonly place: RequestPlace;
  /** Undefined for a host that is no target: no rule looked at the call. */
  readonly facts: RequestFacts | undefined;
}

export class DecidedEvent implements ExchangeDecided {
  readonly v = 1;
  readonly type = 'exchange.decided';
  readonly #parts: DecidedParts;

  constructor(parts: DecidedParts) {
    this.#parts = parts;
  }

  get at(): number {
    return this.#parts.at;
  }
  get exchange(): number {
    return this.#parts.exchange;
  }
  get connection(): number {
    return this.#parts.connection;
  }
  get via(): Via {
    return this.#parts.place.via;
  }
  get tls(): boolean {
    return this.#parts.tls;
  }
  get method(): string {
    return this.#parts.method;
  }
  get host(): string {
    return this.#parts.place.target.host;
  }
  get port(): number {
    return this.#parts.place.target.port;
  }
  get path(): string {
    return this.#parts.place.path;
  }
  // With no value these are as good as absent: JSON leaves undefined out.
  get model(): string {
    return this.#parts.facts?.body.model as string;
  }
  get stream(): boolean {
    return this.#parts.facts?.body.stream as boolean;
  }
  get attempt(): number {
    return this.#parts.decision.attempt ?? this.#parts.facts?.attempt ?? 0;
  }
  get client(): string {
    return this.#parts.facts?.client ?? 'none';
  }
  get rule(): string | null {
    return this.#parts.decision.rule;
  }
  get nth(): number {
    return this.#parts.decision.nth;
  }
  get ordinal(): number {
    return this.#parts.decision.ordinal;
  }
  get faults(): readonly string[] {
    return faultKinds(this.#parts.decision);
  }
  get why(): string {
    return this.#parts.decision.why();
  }
  get skipped(): readonly Skip[] {
    return this.#parts.decision.skipped;
  }

  /** As plain data, for whoever keeps it. */
  toJSON(): ExchangeDecided {
    const { v, type, at, exchange, connection, via, tls, method, host, port, path, model, stream, attempt } =
      this;
    const { client, rule, nth, ordinal, faults, why, skipped } = this;
    const call = { v, type, at, exchange, connection, via, tls, method, host, port, path } as const;
    const body = { ...(model === undefined ? {} : { model }), ...(stream === undefined ? {} : { stream }) };
    return { ...call, ...body, attempt, client, rule, nth, ordinal, faults, why, skipped };
  }
}
