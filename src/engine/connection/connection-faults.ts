/**
 * Carries out what rules decide on a connection, before any request of it is read:
 * delay@accept → refuse, end@accept → (hello read) end@tls, tls → (handshake done) end@secure. As of a call, every planned
 * fault is told as applied or as skipped.
 */
import type { CertificateFlaw } from '../../ca/authority.ts';
import type { Clock } from '../../core/clock.ts';
import type {
  ConnectionEffect,
  DelayEffect,
  EndEffect,
  EndHow,
  RefuseEffect,
  TlsEffect,
} from '../../core/effect.ts';
import { Problem } from '../../core/problem.ts';
import type { Decision, PlannedFault, RuleSet } from '../../core/rules/decision.ts';
import { type PlannedEffect, whyNot } from '../plan/effect-sorter.ts';
import { endTransport } from '../transport/endings.ts';
import { guardedClock } from '../transport/guarded-clock.ts';
import type { Impossible, Transport } from '../transport/transport.ts';
import type { Services, Tracked } from './services.ts';

/** Fatal TLS alerts, as they stand on the wire: record, version, length, level, description. */
const ALERTS = {
  'old-protocol': Buffer.from([0x15, 3, 1, 0, 2, 2, 70]), // protocol_version
  alert: Buffer.from([0x15, 3, 3, 0, 2, 2, 40]), // handshake_failure
};

export class ConnectionFaults {
  readonly #services: Services;
  readonly #connection: number;
  readonly #decision: Decision;
  /** Those that decided: a reload may bring others. */
  readonly #rules: RuleSet;
  /** What did not act yet. */
  #pending: PlannedEffect<ConnectionEffect>[];
  readonly #told = new Set<PlannedFault>();
  #holdTold = false;

  constructor(services: Services, connection: number, decision: Decision, impossible?: Impossible) {
    this.#services = services;
    this.#rules = services.rules;
    this.#connection = connection;
    this.#decision = decision;
    this.#pending = [];
    for (const fault of decision.faults) {
      const reason = whyNot(fault, impossible);
      if (reason !== undefined) this.#skipped(fault, reason);
      else
        for (const effect of fault.effects as readonly ConnectionEffect[])
          this.#pending.push({ effect, fault });
    }
  }

  /** True when the rules want an answer instead of a tunnel. */
  get refuses(): boolean {
    return this.#pending.some(({ effect }) => effect.do === 'refuse');
  }

  /** Waits as {@link accepted} does, then gives the answer instead of a tunnel. */
  refused(transport: Transport, then: (refusal: RefuseEffect) => void): void {
    this.#delayed(transport, () => {
      const [found] = this.#take((effect): effect is RefuseEffect => effect.do === 'refuse');
      if (!found) return;
      this.#applied(found.fault, `refused the tunnel with ${found.effect.status}`);
      this.#rest(() => ENDED);
      then(found.effect);
    });
  }

  /** Delays and ends before the first byte is read; else goes on with `then`. @param ended called when it was ended instead */
  accepted(transport: Transport, then: () => void, ended: (how: EndHow) => void = ignore): void {
    this.#delayed(transport, () => {
      const how = this.#end('accept', transport, 'before the first byte was read');
      if (how) ended(how);
      else then();
    });
  }

  /**
   * The client's hello was read.
   *
   * @returns true when the connection was ended; else the flaw that the certificate is to have, if any
   */
  hello(transport: Transport): true | CertificateFlaw | undefined {
    if (this.#end('tls', transport, 'after the TLS hello')) return true;
    const found = this.#take((effect): effect is TlsEffect => effect.do === 'tls')[0];
    if (!found) return undefined;
    const { as } = found.effect;
    if (as === 'old-protocol' || as === 'alert') {
      this.#applied(
        found.fault,
        as === 'alert' ? 'TLS alert handshake_failure' : 'TLS alert protocol_version',
      );
      this.#rest(() => ENDED);
      transport.stream.write(ALERTS[as]);
      endTransport(transport, 'close', this.#services.options.clock);
      return true;
    }
    this.#applied(found.fault, `certificate ${as}`);
    return as;
  }

  /** The handshake is done. @returns true when the connection was ended */
  secured(transport: Transport): boolean {
    return this.#end('secure', transport, 'after the TLS handshake') !== undefined;
  }

  /** Reports what can no longer act. Called once requests are read. */
  over(): void {
    this.#rest(
      (effect) => `\`${effect.do}${'at' in effect ? ` at ${effect.at}` : ''}\` does not fit this connection`,
    );
    this.#tellHold(false);
  }

  /** The connection has ended. */
  readonly ended = (): void => {
    this.#rest(() => GONE);
    this.#tellHold(false);
  };

  /** Tells the rules, once, whether anything took hold. */
  #tellHold(did: boolean): void {
    if (this.#holdTold) return;
    this.#holdTold = true;
    this.#rules.tookHold?.(this.#decision, did);
  }

  #delayed(transport: Transport, then: () => void): void {
    const { stream } = transport;
    const delays = this.#take(
      (effect): effect is DelayEffect => effect.do === 'delay' && effect.at === 'accept',
    );
    const delay = (index: number): void => {
      const next = delays[index];
      if (!next) {
        then();
        return;
      }
      this.#applied(next.fault, `delay ${Math.round(next.effect.ms)} ms after accept`);
      const letGo = this.#hold(stream);
      const cancel = this.#clockOf(transport).after(next.effect.ms, () => {
        stream.off('close', gone);
        letGo();
        if (!stream.destroyed) delay(index + 1);
      });
      const gone = (): void => {
        cancel();
        for (const { fault } of delays.slice(index + 1)) this.#skipped(fault, GONE);
      };
      stream.once('close', gone);
    };
    delay(0);
  }

  /** The engine's clock; what waits on it and throws ends this connection alone. */
  #clockOf(transport: Transport): Clock {
    const { clock, sink } = this.#services.options;
    const guard = (run: () => void): void => {
      try {
        run();
      } catch (error) {
        const { code, message } = Problem.from(error);
        const connection = this.#connection;
        transport.reset();
        sink.emit({ v: 1, type: 'connection.error', at: clock.wall(), connection, code, message });
      }
    };
    return guardedClock(clock, { guard });
  }

  /** @returns how the connection was ended, if it was */
  #end(at: EndEffect['at'], transport: Transport, where: string): EndHow | undefined {
    const found = this.#take((effect): effect is EndEffect => effect.do === 'end' && effect.at === at)[0];
    if (!found) return undefined;
    const { how } = found.effect;
    this.#applied(found.fault, `${how} ${where}`);
    this.#rest(() => ENDED);
    this.#outlive(transport.stream);
    endTransport(transport, how, this.#services.options.clock);
    return how;
  }

  /** Keeps hold of a connection that nobody serves any more, until its client leaves or the proxy stops. */
  #outlive(stream: Transport['stream']): void {
    this.#hold(stream);
    stream.on('error', ignore);
    stream.once('end', () => stream.end()); // a hang never sends its FIN before
    stream.resume(); // so that the client's leaving is heard
  }

  /** Lets a proxy that stops end a connection that nobody serves. @returns a function that lets go of it again */
  #hold(stream: Transport['stream']): () => void {
    const live: Tracked = {
      busy: false,
      drain: () => stream.destroy(),
      destroy: () => stream.destroy(),
      sweep: () => {},
    };
    const letGo = (): void => {
      stream.off('close', letGo);
      this.#services.remove(live);
    };
    this.#services.add(live);
    stream.once('close', letGo);
    return letGo;
  }

  #take<E extends ConnectionEffect>(fits: (effect: ConnectionEffect) => effect is E): PlannedEffect<E>[] {
    const taken = this.#pending.filter((one): one is PlannedEffect<E> => fits(one.effect));
    this.#pending = this.#pending.filter((one) => !fits(one.effect));
    return taken;
  }

  /** Nothing more can act: tells of the faults that did not. */
  #rest(why: (effect: ConnectionEffect) => string): void {
    const rest = this.#pending;
    this.#pending = [];
    for (const { effect, fault } of rest) if (!this.#told.has(fault)) this.#skipped(fault, why(effect));
  }

  #applied(fault: PlannedFault, effect: string): void {
    this.#tellHold(true);
    this.#told.add(fault);
    const { sink, clock } = this.#services.options;
    if (sink.active)
      sink.emit({
        v: 1,
        type: 'fault.applied',
        at: clock.wall(),
        exchange: 0,
        connection: this.#connection,
        rule: this.#decision.rule ?? '',
        fault: fault.kind,
        effect,
      });
  }

  #skipped(fault: PlannedFault, reason: string): void {
    this.#told.add(fault);
    const { sink, clock } = this.#services.options;
    if (sink.active)
      sink.emit({
        v: 1,
        type: 'fault.skipped',
        at: clock.wall(),
        exchange: 0,
        connection: this.#connection,
        rule: this.#decision.rule ?? '',
        fault: fault.kind,
        reason,
      });
  }
}

const ENDED = 'another fault ended the connection before it could act';
const GONE = 'the connection ended before it could act';

function ignore(): void {}
