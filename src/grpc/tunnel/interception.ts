/**
 * One intercepted tunnel: an honest TLS server towards the client, an honest TLS client towards the upstream, the
 * engine between them, and the rules that say when the caller's two directions may be answered, and with what
 * (docs/architecture.md, "Tunnels of the fault proxy"). Knows no RPC and no time.
 */
import type { SecureContext, TLSSocket } from 'node:tls';
import type { RunningProxy } from '../../app/proxy.ts';
import type { ClientHello } from '../../core/tls/client-hello.ts';
import type { Guard } from '../../engine/transport/guarded-clock.ts';
import { type Authority, streamTransport } from '../../engine/transport/transport.ts';
import type { BoundUpstream, ServedConnection } from '../../engine/upstream/bound-upstream.ts';
import { callOf } from './call-of.ts';
import { ClientLeg } from './client-leg.ts';
import type { Say } from './log.ts';
import { retryGroup } from './retry-group.ts';
import { type Rounds, readRounds } from './server-flight.ts';
import { HELD_ANSWER, IMPOSSIBLE, LARGEST_ANSWER } from './tunnel-limits.ts';
import { type Moment, turnOf } from './turn.ts';
import { UpstreamBlocks } from './upstream-blocks.ts';
import { UpstreamLeg } from './upstream-leg.ts';
import { AGAIN, HOLD, SWALLOW, type Verdict } from './verdict.ts';

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
  readonly #blocks: UpstreamBlocks;
  groups: string | undefined;
  /** Number of the engine's connection; 0 before there is one. */
  connection = 0;
  #client: ClientLeg | undefined;
  /** The upstream's first bytes, until they tell how many rounds its handshake takes. */
  #opening: Buffer | undefined = Buffer.alloc(0);
  /** Flights of the handshake that the client has got. */
  #delivered = 0;
  #secured = false;
  #lastFlight = false;
  #gone = false;
  #http: ServedConnection | undefined;
  /** Calls whose answers the client has got. */
  #heard = 0;
  #broken: string | undefined;

  constructor(options: InterceptionOptions) {
    this.#options = options;
    this.upstreams = new UpstreamLeg(options.target, options.secureContext, options.onChange, options.guard);
    this.#blocks = new UpstreamBlocks(this.upstreams);
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
    return this.#blocks.byeSent || (this.upstreams.over && this.#client?.ended === true);
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
    if (!this.#client) return this.#blocks.flush();
    const moment = this.#moment();
    switch (turnOf(moment)) {
      case 'client':
        return full ? this.#blocks.drip(this.#client.behind) : AGAIN;
      case 'upstream':
        return this.#blocks.flush();
      case 'ours':
        return moment.call === 'expecting' ? AGAIN : HOLD;
      case 'tick':
        if (moment.progress?.hung && ticked) return HOLD;
        return this.#blocks.stimulate(false, moment.owed);
      case 'end':
        if (leg.willing || leg.due) return this.#blocks.stimulate(true, moment.owed);
        return this.#blocks.sayBye();
      case 'bye':
        return this.#blocks.sayBye();
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
      if (this.upstreams.shaking && this.#delivered >= this.#blocks.sent) return SWALLOW;
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
