/**
 * The upstream's side of a tunnel: honest, verified TLS over chunks of RPCs. One connection, lent to one call after
 * the other; between calls it can be made to speak (`stimulus.ts`), so that the client can be spoken to.
 */
import { Duplex } from 'node:stream';
import tls from 'node:tls';
import { Problem } from '../../core/problem.ts';
import type { Guard } from '../../engine/transport/guarded-clock.ts';
import type { Authority } from '../../engine/transport/transport.ts';
import { dialProblem } from '../../engine/upstream/dial.ts';
import {
  type Keeper,
  type Origin,
  UpstreamConnection,
  type Upstreams,
} from '../../engine/upstream/upstream-pool.ts';
import { ByteQueue } from './byte-queue.ts';
import { CallStream } from './call-stream.ts';
import { Stimulus } from './stimulus.ts';

interface Waiter {
  readonly take: () => void;
  readonly fail: (problem: Problem) => void;
}

export class UpstreamLeg implements Upstreams, Keeper {
  /** Bytes for the upstream. */
  readonly out = new ByteQueue();
  readonly #to: Authority;
  readonly #onChange: () => void;
  readonly #wire: Duplex;
  readonly #tls: tls.TLSSocket;
  readonly #stimulus: Stimulus;
  #calls: CallStream | undefined;
  #kept: UpstreamConnection | undefined;
  #lent = false;
  readonly #waiters = new Set<Waiter>();
  #shaken = false;
  #over = false;
  #saidBye = false;
  #untrusted: Problem | undefined;
  #failure: Problem | undefined;

  /** @param guard runs what the upstream's stream sets off */
  constructor(to: Authority, secureContext: tls.SecureContext, onChange: () => void, guard: Guard) {
    this.#to = to;
    this.#onChange = onChange;
    this.#stimulus = new Stimulus(to.host);
    this.#wire = new Duplex({
      read: () => {},
      write: (chunk: Buffer, _encoding, done) => {
        this.out.push(chunk);
        onChange();
        done();
      },
    });
    this.#wire.on('error', ignore);
    this.#tls = tls.connect({
      socket: this.#wire,
      host: to.host,
      servername: to.host,
      ALPNProtocols: ['http/1.1'],
      secureContext,
      // Verified below: an upstream that is not to be trusted can still make the client hear why.
      rejectUnauthorized: false,
    });
    this.#tls.on('secureConnect', () => guard.guard(() => this.#secured()));
    this.#tls.on('data', (chunk: Buffer) => guard.guard(() => this.#heard(chunk)));
    this.#tls.on('end', () => guard.guard(() => this.#end(undefined)));
    this.#tls.on('error', (error: Error) => guard.guard(() => this.#end(error)));
    this.#tls.on('close', () => guard.guard(() => this.#end(undefined)));
  }

  /** True until the handshake is done. */
  get shaking(): boolean {
    return !this.#shaken && !this.#over;
  }

  /** True once the upstream is gone for good. */
  get over(): boolean {
    return this.#over;
  }

  /** True once it ended before its handshake was done. */
  get failedShaking(): boolean {
    return this.#over && !this.#shaken;
  }

  /** True once goodbye was said to it. */
  get leaving(): boolean {
    return this.#saidBye;
  }

  /** What broke the leg, if something did. */
  get failure(): Problem | undefined {
    return this.#failure;
  }

  /** True once a call was given up amid its answer, whose rest nobody can tell from the answer of another call. */
  get spent(): boolean {
    return this.#calls?.destroyed === true;
  }

  /** True while no call can use the leg. */
  get taken(): boolean {
    return this.#lent || this.spent;
  }

  /** True when the upstream will speak once it has got all of `out`. */
  get due(): boolean {
    return this.shaking || this.#stimulus.due > 0;
  }

  /** True when it can be made to speak. */
  get willing(): boolean {
    return this.#shaken && !this.#over && !this.#saidBye && !this.taken;
  }

  /** The answer of the call under way has come whole: the upstream has nothing more to say. */
  get answered(): boolean {
    return this.#lent && this.#calls?.answer.complete === true;
  }

  /** The upstream is amid the answer of the call under way. */
  get answering(): boolean {
    return this.#lent && this.#calls?.answer.amid === true;
  }

  /** Bytes of the upstream. */
  feed(chunk: Buffer): void {
    if (!this.#over && !this.#wire.destroyed) this.#wire.push(chunk);
  }

  /** Makes the upstream speak. @param last and close the connection. @param times how often it is to speak */
  stimulate(last: boolean, times = 1): void {
    for (let nth = 1; nth <= times; nth += 1) this.#tls.write(this.#stimulus.whole(last && nth === times));
  }

  /** Makes some bytes for the upstream that commit us to nothing but a stimulus. */
  pad(): void {
    if (this.willing) this.#tls.write(this.#stimulus.more());
  }

  /** Says goodbye: close_notify, as a client does that needs no more. */
  bye(): void {
    if (this.#saidBye || this.#over) return;
    this.#saidBye = true;
    this.#tls.end();
  }

  destroy(): void {
    this.#end(undefined);
    this.#tls.destroy();
  }

  // --- what the engine's calls want ---

  /** Every call goes through `open`: it may have to wait for the answer of a stimulus. */
  take(): undefined {
    return undefined;
  }

  open(origin: Origin, signal: AbortSignal): Promise<UpstreamConnection> {
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.#waiters.delete(waiter);
        signal.removeEventListener('abort', onAbort);
      };
      const onAbort = (): void => waiter.fail(new Problem('upstream-unreachable', 'the call was given up'));
      const waiter: Waiter = {
        take: () => {
          leave();
          this.#lent = true;
          const connection = this.#connection(origin);
          this.#calls?.begin();
          resolve(connection);
        },
        fail: (problem) => {
          leave();
          reject(problem);
        },
      };
      this.#waiters.add(waiter);
      signal.addEventListener('abort', onAbort, { once: true });
      this.serve();
    });
  }

  keep(connection: UpstreamConnection): void {
    this.#lent = false;
    if (connection.transport.stream.isPaused()) connection.transport.stream.resume();
    this.#onChange();
  }

  forget(): void {
    this.#lent = false;
    this.#onChange();
  }

  /**
   * Lends the leg to a call that waits, as soon as it can be. A stimulus that is on its way is waited for; one that
   * still lies in `out` is not, since nothing would take it away: the call goes right behind it.
   */
  serve(): void {
    const waiter = this.#waiters.values().next().value;
    if (!waiter) return;
    if (this.#untrusted) waiter.fail(this.#untrusted);
    else if (this.#over || this.#saidBye || this.taken) waiter.fail(this.#failure ?? this.#gone());
    else if (this.#shaken && this.#stimulus.open) {
      this.stimulate(false);
      waiter.take();
    } else if (this.#shaken && (this.#stimulus.due === 0 || this.out.length > 0)) waiter.take();
  }

  #connection(origin: Origin): UpstreamConnection {
    if (!this.#kept || !this.#calls) {
      const stream = new CallStream(this.#tls, this.#onChange);
      this.#calls = stream;
      const transport = { stream, peer: this.#to.host, reset: () => stream.destroy() };
      this.#kept = new UpstreamConnection(origin, transport, this);
    }
    return this.#kept;
  }

  #secured(): void {
    this.#shaken = true;
    const said = this.#tls.authorizationError as unknown;
    if (!this.#tls.authorized && said) {
      const code = said instanceof Error ? said.message : String(said);
      this.#untrusted = dialProblem(this.#to, Object.assign(new Error(code), { code }));
    }
    this.#onChange();
    this.serve();
  }

  #heard(chunk: Buffer): void {
    this.#onChange();
    try {
      const from = this.#stimulus.swallow(chunk);
      if (from < chunk.length) this.#calls?.receive(from === 0 ? chunk : chunk.subarray(from));
    } catch (error) {
      this.#end(error instanceof Error ? error : undefined);
      return;
    }
    this.serve();
  }

  #end(error: Error | undefined): void {
    if (this.#over) return;
    if (error) this.#failure = dialProblem(this.#to, error);
    this.#over = true;
    this.#calls?.finish(error);
    for (const waiter of [...this.#waiters]) waiter.fail(this.#failure ?? this.#gone());
    this.#onChange();
  }

  #gone(): Problem {
    return new Problem('upstream-reset', `${this.#to.host} closed the connection of this tunnel`);
  }
}

function ignore(): void {}
