/** What all connections of one proxy share. Made by `app/proxy.ts`; knows no face and no fault by name. */
import type { RuleSet } from '../core/rules/decision.ts';
import { ObservedRules, ObserverMemory } from '../core/rules/observed-rules.ts';
import { beforeFirst, WHOLE } from '../core/share.ts';
import { acceptConnection } from './accept/accept-connection.ts';
import { ClientStream } from './connection/client-stream.ts';
import { outermost } from './connection/context.ts';
import { decideConnection } from './connection/decide-connection.ts';
import { HeadReaders } from './connection/head-readers.ts';
import type { EngineOptions, Services, Tracked } from './connection/services.ts';
import { AnswerTemplates } from './plan/answer-template.ts';
import { EffectSorter } from './plan/effect-sorter.ts';
import type { Authority, Transport } from './transport/transport.ts';
import type { BoundUpstream } from './upstream/bound-upstream.ts';
import { UpstreamPool } from './upstream/upstream-pool.ts';

const SWEEP_MS = 5_000;

/** The longest that a destroyed connection may take to say that it has closed. */
const CLOSED_MS = 1_000;

export class Engine implements Services {
  readonly options: EngineOptions;
  readonly pool = new UpstreamPool();
  readonly templates: AnswerTemplates;
  readonly sorter = new EffectSorter();
  /** For connections whose first requests are meant for us, and for what is said in tunnels. */
  readonly readers = { outer: new HeadReaders(), inner: new HeadReaders() };
  readonly live = new Set<Tracked>();
  /** True once `drain` was called: connections end with the call under way. */
  draining = false;
  #rules: RuleSet;
  /** The same, while an observer needs more than they do. */
  #observed: RuleSet | undefined;
  #memory: ObserverMemory | undefined;
  readonly #step: number;
  #connections: number;
  #exchanges: number;
  #sweeper: NodeJS.Timeout | undefined;
  readonly #onEmpty = new Set<() => void>();
  readonly #said = new Set<string>();

  constructor(options: EngineOptions) {
    this.options = options;
    this.templates = new AnswerTemplates(options.marker);
    this.#rules = options.rules;
    const share = options.share ?? WHOLE;
    this.#step = share.of;
    this.#connections = this.#exchanges = beforeFirst(share);
  }

  get rules(): RuleSet {
    return this.options.sink.needs?.body === true ? this.#observedRules() : this.#rules;
  }

  /** New requests are decided by `rules`; those under way keep theirs. */
  replaceRules(rules: RuleSet): void {
    this.#rules = rules;
    this.#observed = undefined;
  }

  #observedRules(): RuleSet {
    this.#memory ??= new ObserverMemory();
    this.#observed ??= new ObservedRules(this.#rules, this.#memory);
    return this.#observed;
  }

  /** Takes over a client's connection. */
  accept(transport: Transport): void {
    const connection = this.nextConnection();
    const client = new ClientStream(this, transport, connection);
    client.guard(() => acceptConnection(client, outermost(connection)));
  }

  /** Takes over a tunnel to a target whose hello was read. @returns its connection's number */
  acceptTunnel(transport: Transport, target: Authority, boundUpstream: BoundUpstream): number {
    const context = { ...outermost(this.nextConnection()), via: 'plugin', target, boundUpstream } as const;
    const client = new ClientStream(this, transport, context.connection);
    const asked = { to: target, sni: target.host, via: 'plugin', transport } as const;
    client.guard(() => {
      const faults = decideConnection(this, context.connection, asked);
      if (!faults) acceptConnection(client, context);
      else faults.accepted(transport, () => acceptConnection(client, { ...context, faults }));
    });
    return context.connection;
  }

  /** Number of a connection; also for one that a face serves by itself: a call that comes whole, without a stream. */
  nextConnection(): number {
    this.#connections += this.#step;
    return this.#connections;
  }

  nextCall(): number {
    this.#exchanges += this.#step;
    return this.#exchanges;
  }

  add(live: Tracked): void {
    this.live.add(live);
    this.#sweeper ??= setInterval(() => this.#sweep(), SWEEP_MS).unref();
  }

  remove(live: Tracked): void {
    if (!this.live.delete(live)) return;
    if (this.live.size === 0) for (const empty of [...this.#onEmpty]) empty();
  }

  /** Says something once in the life of the process. */
  notice(code: string, message: string): void {
    if (this.#said.has(code)) return;
    this.#said.add(code);
    this.options.sink.emit({ v: 1, type: 'notice', at: this.options.clock.wall(), code, message });
  }

  /** Ends idle connections now, busy ones when they are done, and all that is left after `graceMs`. */
  async stop(graceMs: number): Promise<void> {
    this.draining = true;
    this.pool.close();
    for (const live of [...this.live]) live.drain();
    if (graceMs > 0) await this.#empty(graceMs);
    for (const live of [...this.live]) live.destroy();
    this.pool.destroy();
    await this.#empty(CLOSED_MS); // what was destroyed tells of its end when it has closed
    clearInterval(this.#sweeper);
    this.#sweeper = undefined;
  }

  /** Waits until nothing is left, or for `ms`. */
  #empty(ms: number): Promise<void> {
    if (this.live.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        cancel();
        this.#onEmpty.delete(done);
        resolve();
      };
      const cancel = this.options.clock.after(ms, done);
      this.#onEmpty.add(done);
    });
  }

  #sweep(): void {
    const now = this.options.clock.now();
    this.pool.sweep(now);
    for (const live of [...this.live]) live.sweep(now);
    if (this.live.size === 0 && this.pool.size === 0) {
      clearInterval(this.#sweeper);
      this.#sweeper = undefined;
    }
  }
}
