/** An engine whose clients, upstreams and time are all in a test's hands. No socket, no wait. */
import { setImmediate as turn } from 'node:timers/promises';
import type { ProxyEvent } from '../../src/core/events.ts';
import { formatAuthority } from '../../src/core/net/authority.ts';
import { TargetHosts } from '../../src/core/net/target-host.ts';
import { Problem, type ProblemCode } from '../../src/core/problem.ts';
import { compileRules } from '../../src/core/rules/compile.ts';
import type { RuleSet } from '../../src/core/rules/decision.ts';
import { Engine } from '../../src/engine/engine.ts';
import { PageGuard } from '../../src/engine/front/page-guard.ts';
import { Self } from '../../src/engine/front/self.ts';
import type { Authority, Transport } from '../../src/engine/transport/transport.ts';
import { Dialer } from '../../src/engine/upstream/dial.ts';
import { Router } from '../../src/engine/upstream/router.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { type Heard, Leg } from './leg.ts';

/** Where the engine believes to listen. */
export const OURSELVES = '127.0.0.1:8080';

/** How often the engine sweeps, milliseconds. */
const SWEEP_MS = 5_000;

/** So often in a row is the loop turned without anything happening, until all is quiet. */
const QUIET_TURNS = 5;

export interface StageOptions {
  /** Faults of the one rule; or rules. */
  readonly faults?: readonly unknown[];
  readonly rules?: RuleSet;
  /** False: as if the proxy listened beyond loopback. */
  readonly openToOthers?: boolean;
  /** Hears all that the engine does to its legs. */
  readonly onWire?: (peer: Peer, heard: Heard | { readonly did: 'dial' | 'give up' }) => void;
  readonly onEvent?: (event: ProxyEvent) => void;
}

/** A client or an upstream, as a test plays it. What it does has come to rest when the promise resolves. */
export class Peer {
  readonly name: string;
  readonly leg: Leg;
  readonly #quiet: () => Promise<void>;
  received = '';
  /** Of an upstream that is being dialled: how the dial ends. */
  dialled: { readonly opens: () => void; readonly fails: (problem: Problem) => void } | undefined;

  constructor(name: string, quiet: () => Promise<void>, hear: (peer: Peer, heard: Heard) => void) {
    this.name = name;
    this.#quiet = quiet;
    this.leg = new Leg(name, (heard) => {
      if (heard.did === 'send') this.received += heard.bytes.toString('latin1');
      hear(this, heard);
    });
  }

  /** An upstream takes its connection. */
  opens(): Promise<void> {
    this.dialled?.opens();
    return this.#quiet();
  }

  /** An upstream cannot be reached. */
  fails(code: ProblemCode): Promise<void> {
    this.fail(code);
    return this.#quiet();
  }

  /** The same, without a wait. */
  fail(code: ProblemCode): void {
    this.dialled?.fails(new Problem(code, `${this.name} cannot be reached`));
  }

  says(bytes: string | Buffer): Promise<void> {
    this.leg.says(bytes);
    return this.#quiet();
  }

  ends(): Promise<void> {
    this.leg.ends();
    return this.#quiet();
  }

  resets(): Promise<void> {
    this.leg.resets();
    return this.#quiet();
  }

  stalls(): void {
    this.leg.stalls();
  }

  reads(): Promise<void> {
    this.leg.reads();
    return this.#quiet();
  }
}

/** Dials are answered by the test. */
class PlayedDialer extends Dialer {
  readonly #dial: (to: Authority, signal: AbortSignal) => Promise<Transport>;

  constructor(dial: (to: Authority, signal: AbortSignal) => Promise<Transport>) {
    super();
    this.#dial = dial;
  }

  override tcp(to: Authority, signal: AbortSignal): Promise<Transport> {
    return this.#dial(to, signal);
  }

  override tls(to: Authority, signal: AbortSignal): Promise<Transport> {
    return this.#dial(to, signal);
  }
}

export class Stage {
  readonly engine: Engine;
  readonly clock = new FakeClock();
  readonly events: ProxyEvent[] = [];
  readonly clients: Peer[] = [];
  readonly upstreams: Peer[] = [];
  readonly #options: StageOptions;
  /** Counts what happens, so that it is seen when nothing does. */
  #happened = 0;
  readonly #stopping: Promise<void>[] = [];

  constructor(options: StageOptions = {}) {
    this.#options = options;
    const self = new Self();
    self.listensOn(8080, ['127.0.0.1']);
    const targets = new TargetHosts(['api.anthropic.com', 'api.anthropic.com:80']);
    const router = new Router({
      upstream: { kind: 'target' },
      dialer: new PlayedDialer((to, signal) => this.#dial(to, signal)),
    });
    this.engine = new Engine({
      targets,
      rules: options.rules ?? rulesOf(options.faults ?? []),
      ca: {
        secureContext: () => {
          throw new Error('TLS is no part of a playbook');
        },
      },
      router,
      self,
      guard: new PageGuard({ self, targets, allowed: new TargetHosts([]) }),
      sink: { active: true, everyStep: true, emit: (event) => this.#told(event) },
      clock: this.clock,
      marker: true,
      openToOthers: options.openToOthers ?? true,
    });
  }

  /** A client connects. */
  async connects(): Promise<Peer> {
    const client = this.#peer(`client${this.clients.length > 0 ? ` ${this.clients.length + 1}` : ''}`);
    this.clients.push(client);
    this.engine.accept(client.leg.transport);
    await this.quiet();
    return client;
  }

  /** Time passes, and the engine sweeps as it goes. */
  async passes(ms: number): Promise<void> {
    const end = this.clock.now() + ms;
    while (this.clock.now() < end) {
      const next = Math.min(end, (Math.floor(this.clock.now() / SWEEP_MS) + 1) * SWEEP_MS);
      this.clock.advance(next - this.clock.now());
      await this.quiet();
      if (next % SWEEP_MS !== 0) continue;
      this.engine.pool.sweep(next);
      for (const live of [...this.engine.live]) live.sweep(next);
      await this.quiet();
    }
  }

  /** The proxy begins to stop, and ends all that is left after `graceMs`. */
  async stops(graceMs: number): Promise<void> {
    this.#stopping.push(this.engine.stop(graceMs));
    await this.quiet();
  }

  /** Stops at once, and waits until it has: after this, nothing is left of the engine. */
  async over(): Promise<void> {
    await this.stops(0);
    let stopped = false;
    const all = Promise.all(this.#stopping).then(() => {
      stopped = true;
    });
    for (let i = 0; !stopped && i < 10; i += 1) {
      this.clock.advance(1_000);
      await this.quiet();
    }
    if (!stopped) throw new Error('the engine does not come to its end');
    await all;
  }

  /** Lets everything happen that can happen without time passing. */
  async quiet(): Promise<void> {
    for (let still = 0; still < QUIET_TURNS; still += 1) {
      const before = this.#happened;
      await turn();
      if (this.#happened !== before) still = 0;
    }
  }

  #peer(name: string): Peer {
    return new Peer(
      name,
      () => this.quiet(),
      (peer, heard) => {
        this.#happened += 1;
        this.#options.onWire?.(peer, heard);
      },
    );
  }

  #dial(to: Authority, signal: AbortSignal): Promise<Transport> {
    const upstream = this.#peer(formatAuthority(to));
    this.upstreams.push(upstream);
    this.#happened += 1;
    this.#options.onWire?.(upstream, { did: 'dial' });
    return new Promise((resolve, reject) => {
      const settle = (then: () => void): void => {
        if (upstream.dialled === undefined) return;
        upstream.dialled = undefined;
        signal.removeEventListener('abort', givenUp);
        then();
      };
      const givenUp = (): void =>
        settle(() => {
          this.#options.onWire?.(upstream, { did: 'give up' });
          upstream.leg.resets();
          reject(new Problem('upstream-unreachable', 'the dial was given up'));
        });
      signal.addEventListener('abort', givenUp);
      upstream.dialled = {
        opens: () => settle(() => resolve(upstream.leg.transport)),
        fails: (problem) =>
          settle(() => {
            upstream.leg.resets();
            reject(problem);
          }),
      };
    });
  }

  #told(event: ProxyEvent): void {
    this.#happened += 1;
    // What tells itself as text reads the request's head, which is gone later.
    const told = 'toJSON' in event ? (event as { toJSON(): ProxyEvent }).toJSON() : event;
    this.events.push(told);
    this.#options.onEvent?.(told);
  }
}

/** The rule set of one rule with these faults; of none without any. */
export function rulesOf(faults: readonly unknown[]): RuleSet {
  return compileRules(faults.length === 0 ? [] : [{ name: 'rule', faults }], { seed: '1', messages: 'real' });
}
