/**
 * `exchange.decided`. It may be read at any time, also when the call is long over. Its reason becomes text when somebody
 * reads it as text; a run that only counts makes no such event.
 */
import type { ExchangeDecided } from '../../core/events.ts';
import type { RequestFacts, Via } from '../../core/facts.ts';
import { toldPath } from '../../core/net/told-path.ts';
import { toldText } from '../../core/peer-text.ts';
import { type Phrase, phraseText } from '../../core/phrase.ts';
import { type Decision, faultKinds, type Skip } from '../../core/rules/decision.ts';
import type { RequestRoute } from '../request/request-route.ts';
import { fingerprint } from '../request/request-view.ts';

export class DecidedEvent implements ExchangeDecided {
  readonly v = 1;
  readonly type = 'exchange.decided';
  readonly at: number;
  readonly exchange: number;
  readonly connection: number;
  readonly tls: boolean;
  readonly method: string;
  // With no value these are as good as absent: JSON leaves undefined out.
  readonly model: string;
  readonly stream: boolean;
  readonly attempt: number;
  readonly conversation: string;
  readonly client: string;
  readonly phrase: Phrase;
  readonly #decision: Decision;
  readonly #place: RequestRoute;

  /** @param facts undefined for a host that is no target: no rule looked at the call */
  constructor(
    at: number,
    exchange: number,
    connection: number,
    tls: boolean,
    method: string,
    decision: Decision,
    place: RequestRoute,
    facts: RequestFacts | undefined,
  ) {
    this.at = at;
    this.exchange = exchange;
    this.connection = connection;
    this.tls = tls;
    this.method = method;
    this.#decision = decision;
    this.#place = place;
    // Facts are read off the request's head, which is gone with the exchange.
    const model = facts?.body.model;
    this.model = (model === undefined ? model : toldText(model)) as string;
    this.stream = facts?.body.stream as boolean;
    this.attempt = decision.attempt ?? toldAttempt(facts);
    const { conversation } = decision;
    this.conversation = (conversation === undefined ? conversation : fingerprint(conversation)) as string;
    this.client = facts?.client ?? 'none';
    this.phrase = decision.why();
  }

  get via(): Via {
    return this.#place.via;
  }
  get host(): string {
    return this.#place.target.host;
  }
  get port(): number {
    return this.#place.target.port;
  }
  get path(): string {
    return toldPath(this.#place.path);
  }
  get rule(): string | null {
    return this.#decision.rule;
  }
  get nth(): number {
    return this.#decision.nth;
  }
  get ordinal(): number {
    return this.#decision.ordinal;
  }
  get faults(): readonly string[] {
    return faultKinds(this.#decision);
  }
  get why(): string {
    return phraseText(this.phrase);
  }
  get skipped(): readonly Skip[] {
    return this.#decision.skipped;
  }

  /** As plain data. */
  toJSON(): ExchangeDecided {
    const { v, type, at, exchange, connection, via, tls, method, host, port, path, model, stream, attempt } =
      this;
    const { conversation, client, rule, nth, ordinal, faults, why, skipped } = this;
    const call = { v, type, at, exchange, connection, via, tls, method, host, port, path } as const;
    const body = { ...(model === undefined ? {} : { model }), ...(stream === undefined ? {} : { stream }) };
    const tries = attempt === undefined ? {} : { attempt };
    const whose = conversation === undefined ? {} : { conversation };
    return { ...call, ...body, ...tries, ...whose, client, rule, nth, ordinal, faults, why, skipped };
  }
}

/** A client that counts its tries tells 0 for the first; so does one that counts none of them. */
function toldAttempt(facts: RequestFacts | undefined): number {
  const attempt = facts?.attempt ?? 0;
  return attempt > 0 ? attempt : (undefined as unknown as number);
}
