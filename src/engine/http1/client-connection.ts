/**
 * The client's side of HTTP/1.1 over one transport: reads requests, one at a time, and gives each to an
 * {@link Call}. Knows nothing of upstreams and faults. How it ends is in `connection-ending.ts`.
 */
import type { HeadReader, RequestHead } from '../../core/http1/head.ts';
import { Problem } from '../../core/problem.ts';
import { Call } from '../call/call.ts';
import type { Accept, HandshakeOutcome } from '../connection/accept.ts';
import type { ClientLeg } from '../connection/client-leg.ts';
import type { ClientStream, StreamHandler } from '../connection/client-stream.ts';
import type { ConnectionContext } from '../connection/context.ts';
import { decideConnection } from '../connection/decide-connection.ts';
import type { HeadReaders } from '../connection/head-readers.ts';
import { type RequestRoute, RequestRoutes } from '../request/request-route.ts';
import { endTransport } from '../transport/endings.ts';
import { answerConnect } from '../tunnel/connect-request.ts';
import { ConnectionEnding } from './connection-ending.ts';

/**
 * A FIN that comes with a request, or right behind it, is a client that half-closes and still wants its
 * answer. One that comes later is a client that went away (every edge treats it so), milliseconds.
 */
const HALF_CLOSE_MS = 250;

export class ClientConnection extends ConnectionEnding implements StreamHandler, ClientLeg {
  readonly accept: Accept;
  /** Lent; undefined once it was given back, or an error has befallen it. */
  #reader: HeadReader<'request'> | undefined;
  /** Until the client's first bytes are here. */
  #doubt: HandshakeOutcome | undefined;
  readonly #routes: RequestRoutes;
  /** Bytes that came are being taken apart right now. */
  #reading = false;
  #handedOver = false;
  /** Rules were asked about this connection. */
  #asked = false;
  /** When the bytes came that are being read, monotonic milliseconds. */
  readAt = 0;

  constructor(client: ClientStream, context: ConnectionContext, accept: Accept, doubt?: HandshakeOutcome) {
    super(client, context);
    this.accept = accept;
    this.#doubt = doubt;
    this.#routes = new RequestRoutes(this.services, context);
    this.#reader = this.#readers.lend();
  }

  start(first?: Buffer): void {
    const { stream } = this.transport;
    this.client.setHandler(this);
    this.context.boundUpstream?.serving(this);
    this.readAt = this.services.options.clock.now();
    this.idleSince = this.readAt;
    if (stream.destroyed) {
      this.onClose();
      return;
    }
    // Its end may have come while nobody listened.
    this.clientEnded = stream.readableEnded;
    if (first && first.length > 0) {
      this.#doubt = undefined;
      this.#consume(first);
    }
    if (!this.#handedOver && !this.pending && !this.call?.paused) stream.resume();
  }

  /** Stops reading the request's body until `resume`. */
  pause(): void {
    this.transport.stream.pause();
  }

  resume(): void {
    if (!this.pending && !this.#handedOver) this.transport.stream.resume();
  }

  /** The call has answered whole; the connection is ready for the next request, or ends. */
  callDone(keepAlive: boolean, now: number): void {
    this.call = undefined;
    this.served += 1;
    this.firstByteAt = 0;
    if (!keepAlive || this.services.draining) {
      this.close();
      return;
    }
    this.idleSince = now;
    if (this.pending) this.#goOn();
    else if (this.clientEnded) {
      if (!this.#reading) this.close();
    } else if (this.transport.stream.isPaused()) this.transport.stream.resume();
  }

  /** Reads on in what came before its time. */
  #goOn(): void {
    const pending = this.pending;
    if (!pending) return;
    this.pending = undefined;
    // Not from within the write that ended the last answer: a long pipeline must not become a deep stack.
    queueMicrotask(() => this.client.guard(() => this.#goOnWith(pending)));
  }

  #goOnWith(pending: Buffer): void {
    if (this.transport.stream.destroyed) return;
    this.readAt = this.services.options.clock.now();
    this.#consume(pending);
    if (!this.pending && !this.#handedOver && !this.call?.paused) this.transport.stream.resume();
  }

  /** Gives the stream away (a tunnel, an upgrade). @returns bytes that were read but not used */
  handOver(): Buffer | undefined {
    this.#handedOver = true;
    this.call = undefined;
    this.client.leave();
    this.#giveBack();
    const pending = this.pending;
    this.pending = undefined;
    return pending;
  }

  onData(chunk: Buffer): void {
    this.#doubt = undefined;
    if (this.closing) return;
    if (this.pending) {
      this.pending = Buffer.concat([this.pending, chunk]);
      return;
    }
    this.readAt = this.services.options.clock.now();
    this.#consume(chunk);
  }

  /** @param begin reads the first of it, if somebody has to, and says from where to go on */
  #consume(chunk: Buffer, begin?: () => number): void {
    this.#reading = true;
    try {
      this.#read(chunk, begin === undefined ? 0 : begin());
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      this.#reader = undefined;
      this.refuse(error);
    } finally {
      this.#reading = false;
    }
    if (this.clientEnded) this.#noMoreComes();
  }

  #read(chunk: Buffer, start: number): void {
    let from = start;
    while (from < chunk.length) {
      if (this.closing) return;
      const call = this.call;
      if (call) {
        if (call.requestDone) {
          this.#keepForLater(chunk.subarray(from));
          return;
        }
        from = call.requestBytes(chunk, from);
      } else if (this.transport.stream.writableNeedDrain) {
        // It does not read its answers: a pipeline of requests must not pile them up here.
        this.#keepForLater(chunk.subarray(from));
        return;
      } else {
        if (this.firstByteAt === 0) this.firstByteAt = this.readAt;
        const reader = this.#reader;
        if (reader === undefined) return;
        const end = reader.push(chunk, from);
        if (end < 0) return;
        const head = reader.take();
        from = this.#begin(head, chunk, end);
        if (this.#handedOver) return;
      }
    }
  }

  /** The client has sent its last byte, and all that came was read: what is whole is answered, the rest was given up. */
  #noMoreComes(): void {
    if (this.closing || this.#handedOver || this.pending || this.asking) return;
    const call = this.call;
    if (!call) this.close();
    else if (!call.requestDone) this.#clientLeft(call);
  }

  #clientLeft(call: Call): void {
    this.call = undefined;
    call.clientGone();
    this.transport.stream.destroy();
  }

  #begin(head: RequestHead, chunk: Buffer, end: number): number {
    this.idledEnough();
    if (head.method === 'CONNECT') {
      answerConnect(this, head, chunk.subarray(end));
      return chunk.length;
    }
    const place = this.#routes.of(head);
    this.context.faults?.over();
    if (this.#asked || this.context.target || !place.ruled) return this.#open(head, place, chunk, end);
    this.#asked = true;
    return this.#askRules(head, place, chunk, end);
  }

  /** A plain connection shows its target with its first request: only now can rules decide on the connection. */
  #askRules(head: RequestHead, place: RequestRoute, chunk: Buffer, end: number): number {
    const { transport } = this;
    const { stream } = transport;
    const asked = { to: place.target, sni: undefined, via: place.via, transport };
    const faults = decideConnection(this.services, this.context.connection, asked);
    if (!faults) return this.#open(head, place, chunk, end);
    let from = -1;
    const open = (): number => {
      faults.over();
      this.readAt = this.services.options.clock.now();
      return this.#open(head, place, chunk, end);
    };
    faults.accepted(
      transport,
      () => {
        if (!this.asking) {
          from = open();
          return;
        }
        this.asking = false;
        this.client.guard(() => {
          this.#consume(chunk, open);
          if (!this.pending && !this.call?.paused) stream.resume();
        });
      },
      (how) => {
        this.asking = false;
        from = chunk.length;
        this.faultEndedConnection(how);
      },
    );
    if (from >= 0) return from;
    this.asking = true;
    stream.pause();
    return chunk.length;
  }

  #open(head: RequestHead, place: RequestRoute, chunk: Buffer, end: number): number {
    const call = new Call(this, head, place, this.firstByteAt);
    this.call = call;
    return call.begin(chunk, end);
  }

  #keepForLater(rest: Buffer): void {
    this.pending = rest;
    this.transport.stream.pause();
  }

  onEnd(): void {
    this.clientEnded = true;
    const call = this.call;
    if (this.asking) return; // what it wants was read already
    if (!call) {
      if (this.closing) endTransport(this.transport, 'close', this.client.clock);
      else this.close();
      return;
    }
    const { clock } = this.services.options;
    const halfClosed = call.requestDone && clock.now() - call.requestDoneAt < HALF_CLOSE_MS;
    if ((halfClosed || call.progress.answered) && !call.hung) return; // it still wants its answer, and there will be one
    this.#clientLeft(call);
  }

  /** `onClose` follows, and says all else that matters here. */
  onError(error: Error): void {
    this.#doubt?.onError(error);
    this.#doubt = undefined;
  }

  onClose(): void {
    this.#giveBack();
    this.idledEnough();
    const call = this.call;
    this.call = undefined;
    call?.clientGone();
    this.#doubt?.unheard();
    this.#doubt = undefined;
  }

  onDrain(): void {
    if (this.call) this.call.clientDrain();
    else this.#goOn();
  }

  get #readers(): HeadReaders {
    const { outer, inner } = this.services.readers;
    return this.context.target === undefined ? outer : inner;
  }

  #giveBack(): void {
    if (this.#reader) this.#readers.giveBack(this.#reader);
    this.#reader = undefined;
  }
}
