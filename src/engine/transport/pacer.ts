/** Sends bytes at a limited speed, in small even portions. */
import type { Clock } from '../../core/clock.ts';

/** Time between two portions, in milliseconds. */
const TICK_MS = 20;

export class Pacer {
  readonly #clock: Clock;
  readonly #bytesPerSecond: number;
  readonly #send: (bytes: Buffer) => boolean;
  readonly #onReady: () => void;
  #queue: Buffer[] = [];
  #ready: number;
  #cancel: (() => void) | undefined;
  #blocked = false;
  #then: (() => void) | undefined;

  /**
   * @param send gives bytes on; false means: no more until {@link drained}
   * @param onReady called when everything went out and more may come: the source may go on
   */
  constructor(
    clock: Clock,
    bytesPerSecond: number,
    firstByteMs: number,
    send: (bytes: Buffer) => boolean,
    onReady: () => void,
  ) {
    this.#clock = clock;
    this.#bytesPerSecond = bytesPerSecond;
    this.#send = send;
    this.#onReady = onReady;
    this.#ready = clock.now() + firstByteMs;
  }

  get busy(): boolean {
    return this.#queue.length > 0;
  }

  /** @returns false: the source should pause until `onReady` */
  write(bytes: Buffer): boolean {
    if (bytes.length > 0) this.#queue.push(bytes);
    if (!this.#cancel && !this.#blocked) this.#tick();
    return this.#queue.length === 0 && !this.#blocked;
  }

  /** Calls back once all bytes went out. */
  end(then: () => void): void {
    if (this.#queue.length === 0) then();
    else this.#then = then;
  }

  /**
   * Who takes the bytes was slow, and takes them again. To be called each time, whether bytes are left or not: it may
   * have become slow with the very last of them.
   */
  drained(): void {
    this.#blocked = false;
    if (!this.#cancel) this.#tick();
  }

  cancel(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#queue = [];
    this.#then = undefined;
  }

  #tick(): void {
    this.#cancel = undefined;
    const now = this.#clock.now();
    if (now < this.#ready) {
      this.#later(this.#ready - now);
      return;
    }
    let portion = Math.max(1, Math.round((this.#bytesPerSecond * TICK_MS) / 1000));
    let sent = 0;
    let open = true;
    while (portion > 0 && open) {
      const head = this.#queue[0];
      if (!head) break;
      const bytes = head.length <= portion ? head : head.subarray(0, portion);
      if (bytes.length === head.length) this.#queue.shift();
      else this.#queue[0] = head.subarray(bytes.length);
      portion -= bytes.length;
      sent += bytes.length;
      open = this.#send(bytes);
    }
    this.#ready = now + (sent * 1000) / this.#bytesPerSecond;
    if (!open) this.#blocked = true;
    if (this.#queue.length > 0) {
      if (open) this.#later(this.#ready - now);
      return;
    }
    const then = this.#then;
    this.#then = undefined;
    if (then) then();
    else if (open) this.#onReady();
  }

  #later(ms: number): void {
    this.#cancel = this.#clock.after(Math.max(1, ms), () => this.#tick());
  }
}
