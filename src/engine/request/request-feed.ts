/**
 * A request's bytes on their way to the upstream: held while it is being reached, sent as they come
 * afterwards, or dropped when an answer needs none of them. Slows the client when the upstream is slow.
 */
import type { Clock } from '../../core/clock.ts';
import { HeldBytes } from '../../core/held-bytes.ts';
import type { Framing, RequestHead } from '../../core/http1/head.ts';
import type { ClientLeg } from '../connection/client-leg.ts';
import { Pacer } from '../transport/pacer.ts';
import { slice } from '../transport/slice.ts';
import type { Origin, UpstreamConnection, Upstreams, UpstreamUser } from '../upstream/upstream-pool.ts';
import type { FramedBody } from './body-hold.ts';

/** Bytes kept while the upstream is being reached; beyond, the client is not read. */
const HELD_BYTES = 262_144;

/** Up to this size a head and its body are joined in one write. */
const JOINED_BYTES = 65_536;

export class RequestFeed {
  readonly #connection: ClientLeg;
  readonly #user: UpstreamUser;
  #mode: 'hold' | 'send' | 'drop' = 'hold';
  /** The first piece that is held: mostly the only one. */
  #first: Buffer | undefined;
  #more: HeldBytes | undefined;
  #heldBytes = 0;
  #opening: AbortController | undefined;
  #upstream: UpstreamConnection | undefined;
  /** The request's last byte was taken: there is nothing left to slow down. */
  complete = false;
  /** Everything is held, however much: rules wait for the body, which has a limit of its own. */
  unbounded = false;
  /** True while the client is not read because of this request. */
  paused = false;
  #pacer: Pacer | undefined;

  constructor(connection: ClientLeg, user: UpstreamUser) {
    this.#connection = connection;
    this.#user = user;
  }

  /** The connection that serves this call, while it does. */
  get upstream(): UpstreamConnection | undefined {
    return this.#upstream;
  }

  /** True while the request goes up, or waits for its connection. */
  get forwarding(): boolean {
    return this.#upstream !== undefined || this.#opening !== undefined;
  }

  /** True once all of the request was handed to its connection, and written there. */
  get sent(): boolean {
    const { complete } = this;
    return complete && !this.pacing && this.#upstream?.transport.stream.writableLength === 0;
  }

  /** True while a speed limit holds bytes back. */
  get pacing(): boolean {
    return this.#pacer?.busy === true;
  }

  /**
   * From now on bytes go up, or are dropped, at this speed; the client is read no faster.
   *
   * @param ready called whenever nothing is held back any more
   */
  slow(clock: Clock, bytesPerSecond: number, ready: () => void): void {
    const send = (bytes: Buffer): boolean => this.#upstream?.write(bytes) ?? true;
    this.#pacer = new Pacer(clock, bytesPerSecond, 0, send, () => {
      this.resumeClient();
      ready();
    });
  }

  /** The body as far as it came: what is held, or else `bytes[from, to)`. */
  body(framing: Framing, bytes: Buffer, from: number, to: number): FramedBody {
    const pieces =
      this.#first === undefined ? [bytes.subarray(from, to)] : [this.#first, ...(this.#more?.pieces ?? [])];
    return { framing, pieces };
  }

  take(bytes: Buffer): void {
    if (this.#mode === 'send') this.#send(bytes);
    else if (this.#mode === 'drop') this.#dropSlowly(bytes);
    else if (this.#mode === 'hold') {
      if (this.#first === undefined) this.#first = bytes;
      else (this.#more ??= new HeldBytes()).add(bytes);
      this.#heldBytes += bytes.length;
      if (this.#heldBytes > HELD_BYTES && !this.complete && !this.unbounded) this.#pause();
    }
  }

  /**
   * Takes the head and what came of the body. What is held already is of the body, and comes first in it.
   *
   * @param changed the head as the upstream is to see it; undefined: as it came
   * @param bytes the rest lies in `bytes[from, to)`
   */
  takeHead(head: RequestHead, changed: Buffer | undefined, bytes: Buffer, from: number, to: number): void {
    if (this.#first !== undefined) {
      const raw = changed ?? head.raw;
      this.#more ??= new HeldBytes();
      this.#more.prepend(this.#first);
      this.#first = raw;
      this.#heldBytes += raw.length;
      if (to > from) this.take(slice(bytes, from, to));
      return;
    }
    // Head and body as they lie side by side: one slice, one write.
    const together = changed === undefined && head.source === bytes;
    if (!together) this.take(changed ?? head.raw);
    if (together || to > from) this.take(slice(bytes, together ? head.start : from, to));
  }

  /** Nothing more is sent; what comes is read and dropped, in constant memory. */
  drop(): void {
    const first = this.#first;
    const more = this.#more;
    this.#mode = 'drop';
    this.#holdNothing();
    this.resumeClient();
    if (this.#pacer === undefined) return;
    if (first) this.#dropSlowly(first);
    for (const bytes of more?.takePieces() ?? []) this.#dropSlowly(bytes);
  }

  /** Gets a connection to `origin` and sends what is held. `failed` is not called once the request was dropped. */
  open(pool: Upstreams, origin: Origin, failed: (error: unknown) => void): void {
    const kept = pool.take(origin);
    if (kept) {
      this.#attach(kept);
      return;
    }
    const opening = new AbortController();
    this.#opening = opening;
    pool.open(origin, opening.signal).then(
      (upstream) =>
        this.#connection.client.guard(() => {
          if (this.#opening !== opening || this.#mode !== 'hold') upstream.destroy();
          else this.#attach(upstream);
        }),
      (error: unknown) =>
        this.#connection.client.guard(() => {
          if (this.#opening === opening && this.#mode === 'hold') failed(error);
        }),
    );
  }

  /** The answer is complete: the connection may serve another call, or not. */
  release(reusable: boolean, now: number): void {
    const upstream = this.#upstream;
    this.#upstream = undefined;
    if (!upstream) return;
    const unsent = this.#pacer?.busy === true || upstream.transport.stream.writableLength > 0;
    this.#stopPacing();
    if (reusable && upstream.reusable && !unsent) upstream.release(now);
    else upstream.destroy();
  }

  /** Gives the connection away (an upgrade). */
  detach(): UpstreamConnection | undefined {
    const upstream = this.#upstream;
    this.#upstream = undefined;
    if (upstream) upstream.user = undefined;
    return upstream;
  }

  /** Gives up the upstream, whether reached or not. */
  abandon(): void {
    this.#opening?.abort();
    this.#opening = undefined;
    this.#stopPacing();
    const upstream = this.#upstream;
    this.#upstream = undefined;
    upstream?.destroy();
  }

  /** The upstream takes bytes again. */
  drained(): void {
    if (this.#pacer) this.#pacer.drained();
    else this.resumeClient();
  }

  resumeClient(): void {
    if (!this.paused) return;
    this.paused = false;
    this.#connection.resume();
  }

  #attach(upstream: UpstreamConnection): void {
    this.#opening = undefined;
    this.#upstream = upstream;
    upstream.user = this.#user;
    this.#mode = 'send';
    const { stream } = upstream.transport;
    const first = this.#first;
    const more = this.#more;
    const length = this.#heldBytes;
    this.#holdNothing();
    // One write, so one TLS record: a gathered write of two buffers costs more than copying a small body.
    if (more === undefined) {
      if (first) this.#send(first);
    } else if (length <= JOINED_BYTES) this.#send(Buffer.concat([first!, ...more.takePieces()], length));
    else {
      this.#send(first!);
      for (const bytes of more.takePieces()) this.#send(bytes);
    }
    if (!stream.writableNeedDrain && !this.#pacer?.busy) this.resumeClient();
  }

  /** Where the upload has a speed, it has it too when nobody wants the bytes. */
  #dropSlowly(bytes: Buffer): void {
    if (this.#pacer && !this.#pacer.write(bytes) && !this.complete) this.#pause();
  }

  #stopPacing(): void {
    this.#pacer?.cancel();
    this.#pacer = undefined;
  }

  #holdNothing(): void {
    this.#first = undefined;
    this.#more = undefined;
    this.#heldBytes = 0;
  }

  #send(bytes: Buffer): void {
    const upstream = this.#upstream;
    if (!upstream || upstream.transport.stream.destroyed) return;
    const ready = this.#pacer ? this.#pacer.write(bytes) : upstream.write(bytes);
    if (!ready && !this.complete) this.#pause();
  }

  #pause(): void {
    this.paused = true;
    this.#connection.pause();
  }
}
