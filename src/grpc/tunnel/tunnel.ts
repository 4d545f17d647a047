/**
 * One tunnel of the fault proxy: keeps what its two directions ask until it can be answered, finds out from the first
 * bytes whether the tunnel is ours, and times what must be timed. What to answer is the business of `interception.ts`.
 */
import type { SecureContext } from 'node:tls';
import type { RunningProxy } from '../../app/proxy.ts';
import type { Clock } from '../../core/clock.ts';
import { readClientHello } from '../../core/tls/client-hello.ts';
import type { Guard } from '../../engine/transport/guarded-clock.ts';
import { BlindTunnel } from './blind-tunnel.ts';
import { Interception } from './interception.ts';
import type { Say } from './log.ts';
import { OwnFlight } from './own-flight.ts';
import { Patience } from './patience.ts';
import { RecordEnds } from './record-ends.ts';
import { Settler } from './settler.ts';
import type { TunnelAction } from './tunnel-chunk.ts';
import { actionOf, closed } from './verdict.ts';
import { FULL_BLOCK, WriteBlock } from './write-block.ts';

/** How often a block is asked for again while its client is silent: to hear it leave. */
const HOLD_MS = 250;

/** How long decoding and encoding may take to make something of a whole record. */
const RECORD_MS = 20;

/** When nothing came out for this long, what is there goes out although more is to come. */
const QUIET_MS = 100;

const NOTHING = Buffer.alloc(0);

const DOUBLED =
  'fault shows the plugin each tunnel twice, because its --grpc-plugin names this plugin twice: no call comes through. Restart fault with the URL once';

/** A question of the caller that waits for its answer. */
interface Held {
  readonly at: number;
  readonly chunk: Buffer;
  /** It ends a TLS record. */
  readonly whole: boolean;
  readonly answer: (action: TunnelAction) => void;
}

export interface TunnelOptions {
  readonly id: string;
  readonly proxy: Pick<RunningProxy, 'acceptTunnel' | 'engine' | 'targets'>;
  readonly secureContext: () => SecureContext;
  readonly clock: Clock;
  readonly say: Say;
}

export class Tunnel implements Guard {
  readonly #options: TunnelOptions;
  readonly #settler = new Settler(() => this.#settled());
  readonly #block = new WriteBlock();
  #mode: 'hello' | 'raw' | 'intercepted' | 'doubled' | 'closed' = 'hello';
  #hello: Buffer = NOTHING;
  #inside: Interception | undefined;
  #blind: BlindTunnel | undefined;
  readonly #openedAt: number;
  readonly #ownFlight = new OwnFlight();
  #write: Held | undefined;
  #read: Held | undefined;
  readonly #records = new RecordEnds();
  readonly #patience = new Patience();
  #changedAt = 0;
  #cancelTimer: (() => void) | undefined;
  #lookAt = Number.POSITIVE_INFINITY;
  #reason = 'the tunnel was closed';
  /** When new bytes last came, monotonic milliseconds. */
  activeAt: number;

  constructor(options: TunnelOptions) {
    this.#options = options;
    this.#openedAt = options.clock.now();
    this.activeAt = this.#openedAt;
  }

  /** True while a call is under way. */
  get busy(): boolean {
    return this.#inside?.busy === true;
  }

  /** True while nothing but the rest of an upstream's answer is waited for. The caller asks nothing meanwhile. */
  get answering(): boolean {
    return this.#inside?.answering === true && !this.#read && !this.#write;
  }

  /** True when its client cannot be told that the tunnel ends before the upstream speaks again, which it is about to. */
  get untold(): boolean {
    return this.#inside?.upstreams.taken === true && !this.#inside.upstreams.over && !this.#read;
  }

  /** True while bytes for its client lie here that it can be given: a question is open, or the upstream is about to speak. */
  get owing(): boolean {
    const inside = this.#inside;
    if (!inside || this.finished) return false;
    const comes = this.#read !== undefined || this.#write !== undefined || inside.upstreams.due;
    return comes && (inside.owed > 0 || this.#settler.unsettled);
  }

  /** What is known of a tunnel that passes unread. */
  get blind(): BlindTunnel | undefined {
    return this.#blind;
  }

  /** True when the tunnel has nothing more to do. */
  get finished(): boolean {
    return this.#mode === 'closed' || this.#inside?.finished === true;
  }

  /** A block of the client. */
  fromClient(chunk: Buffer): Promise<TunnelAction> {
    if (this.#write) this.destroy('tunnel-out-of-order', 'two blocks of one direction came at once');
    if (this.#mode === 'closed') return closed(this.#reason);
    if (this.#mode === 'raw') {
      this.#blind?.sent(chunk.length);
      this.#active();
      return Promise.resolve({ kind: 'pass-through', chunk: NOTHING });
    }
    if (this.#ownFlight.isIn(chunk)) this.#doubled();
    if (this.#mode === 'doubled') return Promise.resolve({ kind: 'pass-through', chunk: NOTHING });
    const fresh = this.#block.fresh(chunk);
    if (fresh.length > 0) {
      this.#patience.heard();
      this.#active();
    }
    return new Promise((answer) => {
      this.#write = { at: this.#options.clock.now(), chunk, whole: false, answer };
      if (this.#mode === 'hello') this.#readHello(fresh, chunk.length >= FULL_BLOCK);
      else this.#inside?.fromClient(fresh);
      this.#settler.touch();
    });
  }

  /** A chunk of the upstream. */
  fromUpstream(chunk: Buffer): Promise<TunnelAction> {
    if (this.#read) this.destroy('tunnel-out-of-order', 'two chunks of one direction came at once');
    if (this.#mode === 'closed') return closed(this.#reason);
    // The one way to tell the client is to end its tunnel where the upstream speaks.
    if (this.#mode === 'doubled') {
      this.destroy(undefined, DOUBLED);
      return closed(DOUBLED);
    }
    // A server that speaks before its client is no TLS server, so this tunnel is none of ours.
    if (this.#mode === 'hello') this.#goRaw(undefined);
    if (this.#mode === 'raw') {
      this.#blind?.heard(chunk.length);
      this.#active();
      return Promise.resolve({ kind: 'pass-through', chunk });
    }
    this.#active();
    return new Promise((answer) => {
      this.#read = { at: this.#options.clock.now(), chunk, whole: this.#records.see(chunk), answer };
      this.#inside?.fromUpstream(chunk);
      this.#settler.touch();
    });
  }

  /** Ends the tunnel for good. What is held is answered with `close`. */
  destroy(code: string | undefined, reason: string): void {
    if (this.#mode === 'closed') return;
    if (code !== undefined) this.#options.say(code, reason, { connection: this.#inside?.connection ?? 0 });
    this.#mode = 'closed';
    this.#reason = reason;
    this.#cancelTimer?.();
    this.#inside?.destroy();
    this.#answerWrite({ kind: 'close', reason });
    this.#answerRead({ kind: 'close', reason });
  }

  /** Runs what nobody waits for. What it throws ends this tunnel alone. */
  guard(run: () => void): void {
    try {
      run();
    } catch (error) {
      this.destroy('unexpected', `the tunnel broke: ${error instanceof Error ? error.message : error}`);
    }
  }

  #doubled(): void {
    this.#options.proxy.engine.notice('plugin-doubled', DOUBLED);
    this.#mode = 'doubled';
    this.#cancelTimer?.();
    this.#inside?.destroy();
  }

  #active(): void {
    this.activeAt = this.#options.clock.now();
  }

  #readHello(fresh: Buffer, full: boolean): void {
    this.#hello = this.#hello.length === 0 ? fresh : Buffer.concat([this.#hello, fresh]);
    const { proxy, say, secureContext } = this.#options;
    const hello = readClientHello(this.#hello);
    if (hello.kind === 'more' && !full) return;
    if (hello.kind === 'more')
      say(
        'tunnel-hello-too-large',
        `a client's TLS hello is larger than ${FULL_BLOCK} bytes, more than the fault proxy shows at a time: its tunnel passes untouched`,
      );
    const host = hello.kind === 'hello' ? hello.sni : undefined;
    const port = host === undefined ? undefined : proxy.targets.portOf(host);
    if (hello.kind !== 'hello' || host === undefined || port === undefined) {
      this.#goRaw(host);
      return;
    }
    this.#mode = 'intercepted';
    this.#inside = new Interception({
      proxy,
      target: { host, port },
      hello,
      first: this.#hello,
      secureContext: secureContext(),
      say,
      guard: this,
      onChange: () => {
        this.#changedAt = this.#options.clock.now();
        this.#settler.touch();
      },
    });
    this.#hello = NOTHING;
  }

  #goRaw(host: string | undefined): void {
    this.#mode = 'raw';
    this.#blind = new BlindTunnel(this.#options.proxy.engine.nextConnection(), host, this.#openedAt);
    this.#blind.sent(this.#hello.length);
    this.#hello = NOTHING;
    this.#answerWrite({ kind: 'pass-through', chunk: NOTHING });
  }

  /** Everything that was set off has run its course: answer what can be answered. */
  #settled(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#lookAt = Number.POSITIVE_INFINITY;
    this.guard(() => {
      if (this.#write) this.#tryWrite(this.#write);
      if (this.#read) this.#tryRead(this.#read);
    });
  }

  #tryWrite(held: Held): void {
    const inside = this.#inside;
    if (!inside) {
      this.#askAgain(held, this.#patience.ms); // an unfinished hello
      return;
    }
    const verdict = inside.onWrite(held.chunk.length >= FULL_BLOCK, this.#read !== undefined);
    if (verdict.do === 'again') this.#askAgain(held, this.#patience.ms);
    else if (verdict.do === 'hold') this.#askAgain(held, HOLD_MS);
    else if (verdict.do === 'send' || verdict.do === 'close') this.#answerWrite(actionOf(verdict));
  }

  #tryRead(held: Held): void {
    const inside = this.#inside as Interception;
    const now = this.#options.clock.now();
    const whole = held.whole && now - held.at < RECORD_MS;
    const verdict = inside.onRead(now - this.#changedAt >= QUIET_MS, whole);
    if (verdict.do === 'send' || verdict.do === 'close') this.#answerRead(actionOf(verdict));
    else this.#lookAgainAfter(whole ? RECORD_MS : QUIET_MS);
  }

  /** Has the caller send its block again, grown by what came meanwhile, once `ms` have passed since it sent it. */
  #askAgain(held: Held, ms: number): void {
    const left = held.at + ms - this.#options.clock.now();
    if (left <= 0) {
      this.#patience.asked();
      this.#answerWrite({ kind: 'replace', chunk: NOTHING });
    } else this.#lookAgainAfter(left);
  }

  #lookAgainAfter(ms: number): void {
    const at = this.#options.clock.now() + ms;
    if (at >= this.#lookAt) return;
    this.#lookAt = at;
    this.#cancelTimer?.();
    // Not at once: what a wait of the engine's set off in the same moment is still on its way.
    this.#cancelTimer = this.#options.clock.after(ms, () => this.#settler.touch());
  }

  #answerWrite(action: TunnelAction): void {
    const held = this.#write;
    if (!held) return;
    this.#write = undefined;
    if (action.kind !== 'replace' || action.chunk.length > 0) this.#block.dropped();
    if (action.kind === 'replace') this.#ownFlight.sent(action.chunk);
    held.answer(action);
  }

  #answerRead(action: TunnelAction): void {
    const held = this.#read;
    if (!held) return;
    this.#read = undefined;
    held.answer(action);
  }
}
