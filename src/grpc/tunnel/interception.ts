/**
 * One intercepted tunnel: an honest TLS server towards the client, an honest TLS client towards the upstream, the
 * engine between them, and the rules that say when the caller's two directions may be answered, and with what
 * (docs/architecture.md, "Tunnels of the fault proxy"). Knows no RPC and no time.
 */
import type { SecureContext, TLSSocket } from 'node:tls';
import type { RunningProxy } from '../../app/proxy.ts';
import type { ClientHello } from '../../core/tls/client-hello.ts';
import type { Guard } from '../../engine/transport/guarded-clock.ts';
import {
  type Authority,
  type HeldAnswerLimit,
  type Impossible,
  streamTransport,
} from '../../engine/transport/transport.ts';
import type { BoundUpstream, ServedCall, ServedConnection } from '../../engine/upstream/bound-upstream.ts';
import { ClientLeg } from './client-leg.ts';
import type { Say } from './log.ts';
import { retryGroup } from './retry-group.ts';
import { type Rounds, readRounds } from './server-flight.ts';
import { type Moment, turnOf } from './turn.ts';
import { UpstreamLeg } from './upstream-leg.ts';

/** The most that goes out in one answer, in bytes: the caller refuses messages beyond 4 MiB. */
export const LARGEST_ANSWER = 3_900_000;

/** What is kept back of the bytes for the upstream, for blocks that decrypt to nothing: a record spans two or three. */
const RESERVE = 64;

/** Answers of a stimulus may reach us several at a time; this many are asked for per further answer that we need. */
const SPARE_TICKS = 8;

/** What was held back goes out with the upstream's last word, in one message of fault's, sealed by TLS. */
const HELD_ANSWER: HeldAnswerLimit = {
  bytes: 3_800_000,
  reason: 'in a tunnel of the fault proxy, a whole answer that is held back can have 3.8 MB at most',
};

const IMPOSSIBLE: Impossible = {
  reset: 'a tunnel of the fault proxy cannot be reset, only closed',
  'half-close': 'a tunnel of the fault proxy cannot shut one direction alone',
};

/** What to do with a block. `again`: ask again soon. `hold`: the answer can wait. */
export type Verdict =
  | { readonly do: 'send'; readonly bytes: Buffer }
  | { readonly do: 'again' | 'hold' }
  | { readonly do: 'close'; readonly reason: string };

const SWALLOW: Verdict = { do: 'send', bytes: Buffer.alloc(0) };
const AGAIN: Verdict = { do: 'again' };
const HOLD: Verdict = { do: 'hold' };

export interface InterceptionOptions {
  readonly proxy: Pick<RunningProxy, 'acceptTunnel'>;
  readonly target: Authority;
  readonly hello: Extract<ClientHello, { kind: 'hello' }>;
  /** The hello's bytes. */
  readonly first: Buffer;
  readonly secureContext: SecureContext;
  readonly onChange: () => void;
  /** Runs what the upstream sets off; what it throws ends the tunnel alone. */
  readonly guard: Guard;
  readonly say: Say;
}

export class Interception implements BoundUpstream {
  readonly #options: InterceptionOptions;
  readonly upstreams: UpstreamLeg;
  groups: string | undefined;
  /** Number of the engine's connection; 0 before there is one. */
  connection = 0;
  #client: ClientLeg | undefined;
  /** The upstream's first bytes, until they tell how many rounds its handshake takes. */
  #opening: Buffer | undefined = Buffer.alloc(0);
  /** Flights of the handshake that the upstream and the client have got. */
  #sent = 0;
  #delivered = 0;
  #secured = false;
  #lastFlight = false;
  #gone = false;
  #http: ServedConnection | undefined;
  /** Calls whose answers the client has got. */
  #heard = 0;
  #byeSent = false;
  #broken: string | undefined;

  constructor(options: InterceptionOptions) {
    this.#options = options;
    this.upstreams = new UpstreamLeg(options.target, options.secureContext, options.onChange, options.guard);
  }

  /** True while a call is under way. */
  get busy(): boolean {
    return this.#http?.busy === true;
  }

  /** True while the upstream is amid the answer of a call. */
  get answering(): boolean {
    return this.upstreams.answering;
  }

  /** Bytes that lie ready for the client. */
  get owed(): number {
    return this.#client?.out.length ?? 0;
  }

  /** True once the client has left, or has heard everything, and the upstream was left as well. */
  get finished(): boolean {
    return this.#byeSent || (this.upstreams.over && this.#client?.ended === true);
  }

  // --- bytes that come ---

  fromClient(bytes: Buffer): void {
    this.#client?.feed(bytes);
  }

  fromUpstream(bytes: Buffer): void {
    this.upstreams.feed(bytes);
    if (this.#opening) this.#readOpening(Buffer.concat([this.#opening, bytes]));
  }

  // --- what the engine tells ---

  secured(stream: TLSSocket): void {
    this.#secured = true;
    this.#lastFlight = stream.getProtocol() === 'TLSv1.2';
    const gone = (): void => {
      this.#gone = true;
      this.#options.onChange();
    };
    stream.on('end', gone);
    stream.on('error', gone);
    this.#options.onChange();
  }

  serving(connection: ServedConnection): void {
    this.#http = connection;
  }

  // --- answers; asked for when everything that was set off has settled ---

  /**
   * The write path. Sending makes the caller drop its block, so it is done only when the block cannot have grown
   * unseen: when it is full, or while the client is silent.
   *
   * @param ticked true while the read path waits for an answer too: the client can be spoken to without a stimulus
   */
  onWrite(full: boolean, ticked: boolean): Verdict {
    const leg = this.upstreams;
    leg.serve();
    this.#checkHandshake();
    if (this.#broken !== undefined) return { do: 'close', reason: this.#broken };
    if (!this.#client) return this.#flush();
    const moment = this.#moment();
    switch (turnOf(moment)) {
      case 'client':
        return full ? this.#drip() : AGAIN;
      case 'upstream':
        return this.#flush();
      case 'ours':
        return moment.call === 'expecting' ? AGAIN : HOLD;
      case 'tick':
        if (moment.progress?.hung && ticked) return HOLD;
        return this.#stimulate(false, moment.owed);
      case 'end':
        if (leg.willing || leg.due) return this.#stimulate(true, moment.owed);
        return this.#sayBye();
      case 'bye':
        return this.#sayBye();
    }
  }

  /**
   * The read path. Its answer is the only way to speak to the client, so none is given away while the client is owed
   * something that is not ready and for which the upstream need not speak again.
   *
   * @param quiet nothing came out for a while
   * @param whole the chunk ended a TLS record, and what comes of it may still be on its way
   */
  onRead(quiet: boolean, whole: boolean): Verdict {
    this.#checkHandshake();
    if (this.#broken !== undefined) return { do: 'close', reason: this.#broken };
    const client = this.#client;
    if (!client) return SWALLOW;
    if (this.#upstreamLeft()) return HOLD;
    const { owed, progress, call, ended } = this.#moment();
    if (owed > 0) {
      // The client's handshake must not overtake the upstream's: there would be no block left for its last flight.
      if (this.upstreams.shaking && this.#delivered >= this.#sent) return SWALLOW;
      // The upstream's last word: what is still being made has no other way to the client.
      if (this.upstreams.answered && progress && !progress.answered && !progress.hung) return HOLD;
      if (progress?.waits && !quiet) return HOLD;
      return this.#deliver(client);
    }
    if (ended) return { do: 'close', reason: 'the connection was ended' };
    if (progress?.hung || (!this.#secured && this.#delivered === 0)) return HOLD;
    if (call === 'read' && progress) {
      if (progress.waits || this.upstreams.answered || !progress.forwarded) return HOLD;
      if (whole) return HOLD;
    }
    return SWALLOW;
  }

  /** Ends both sides at once. */
  destroy(): void {
    this.#client?.destroy();
    this.upstreams.destroy();
  }

  // --- inside ---

  #moment(): Moment {
    const http = this.#http;
    const exchange = http?.call;
    return {
      gone: this.#gone,
      ended: this.#client?.ended === true,
      owed: this.owed,
      secured: this.#secured,
      lastFlight: this.#lastFlight,
      call: exchange ? callOf(exchange) : http && !http.idle ? 'reading' : 'none',
      progress: exchange?.progress,
      unheard: (http?.served ?? 0) > this.#heard,
      closing: http?.closing === true,
    };
  }

  #flush(): Verdict {
    const { out, shaking } = this.upstreams;
    if (out.length === 0) return HOLD;
    if (shaking) this.#sent += 1;
    return { do: 'send', bytes: out.take() };
  }

  /** A full block must be answered with something, and something must be left for the next one. */
  #drip(): Verdict {
    const { out } = this.upstreams;
    if (out.length > RESERVE) return { do: 'send', bytes: out.take(out.length - RESERVE) };
    if (out.length > 0) return { do: 'send', bytes: out.take(1) };
    if (this.#client?.behind || !this.upstreams.willing) return AGAIN;
    this.upstreams.pad();
    return HOLD;
  }

  #stimulate(last: boolean, owed: number): Verdict {
    const leg = this.upstreams;
    if (leg.due && (leg.out.length > 0 || leg.shaking)) return this.#flush();
    if (!leg.willing) {
      if (!leg.over) return HOLD;
      return { do: 'close', reason: 'the upstream is gone, so that nothing more can be said to the client' };
    }
    leg.stimulate(last, 1 + (Math.ceil(owed / LARGEST_ANSWER) - 1) * SPARE_TICKS);
    return HOLD;
  }

  #sayBye(): Verdict {
    const leg = this.upstreams;
    if (leg.out.length === 0 && (leg.over || leg.shaking || leg.leaving || this.#byeSent))
      return { do: 'close', reason: 'the connection was ended' };
    if (!leg.leaving && !leg.over) {
      leg.bye();
      return HOLD;
    }
    this.#byeSent = true;
    return { do: 'send', bytes: leg.out.take() };
  }

  #deliver(client: ClientLeg): Verdict {
    const bytes = client.out.take(LARGEST_ANSWER);
    if (client.out.length === 0) {
      this.#delivered += 1;
      this.#lastFlight = false;
      this.#heard = this.#http?.served ?? 0;
    }
    return { do: 'send', bytes };
  }

  /**
   * No further call can go up: the upstream said goodbye, or is still answering a call that a fault ended. So we say
   * goodbye to the client, which opens another tunnel then. @returns true when something will come of it
   */
  #upstreamLeft(): boolean {
    const http = this.#http;
    const left = this.upstreams.over || this.upstreams.spent;
    if (!left || !http || http.busy || http.closing) return false;
    http.stopping();
    return true;
  }

  #readOpening(bytes: Buffer): void {
    const rounds = readRounds(bytes);
    this.#opening = rounds === 'more' ? bytes : undefined;
    if (rounds === 'one' || rounds === 'two') this.#openClient(rounds);
    else if (rounds === 'none')
      this.#break('upstream-tls', 'did not answer the TLS hello as a TLS server does');
  }

  #openClient(rounds: Rounds): void {
    const { hello, first, proxy, target, onChange } = this.#options;
    const group = rounds === 'two' ? retryGroup(hello) : 'not-needed';
    if (group === undefined) {
      this.#break(
        'client-tls-failed',
        'needs a TLS handshake of two rounds, and the client cannot be given one: let it offer TLS 1.2',
      );
      return;
    }
    this.groups = group === 'not-needed' ? undefined : group;
    const client = new ClientLeg(onChange);
    this.#client = client;
    const transport = {
      ...streamTransport(client, 'fault'),
      impossible: IMPOSSIBLE,
      heldAnswer: HELD_ANSWER,
    };
    this.connection = proxy.acceptTunnel(transport, target, this);
    client.feed(first);
  }

  #checkHandshake(): void {
    const { failure, failedShaking } = this.upstreams;
    if (!failedShaking || this.#broken !== undefined) return;
    if (failure) this.#breakWith(failure.code, failure.message);
    else this.#break('upstream-tls', 'closed the connection in the TLS handshake');
  }

  #break(code: string, what: string): void {
    this.#breakWith(code, `${this.#options.target.host} ${what}`);
  }

  #breakWith(code: string, message: string): void {
    this.#broken = message;
    this.#options.say(code, message, { connection: this.connection, host: this.#options.target.host });
    this.destroy();
  }
}

function callOf(exchange: ServedCall): Moment['call'] {
  if (exchange.requestDone) return 'read';
  const bodySeen = exchange.reporter.bytesUp > exchange.head.raw.length;
  // A call that is passed on gets its `100` late or never: the client sends its body unasked after a while, as it must
  // (RFC 9110 §10.1.1), and that body's first block may need what we hold of the head.
  const answered = !exchange.progress.forwarded;
  return exchange.head.expectContinue && !bodySeen && answered ? 'expecting' : 'reading';
}
