/** A connection in memory, as the engine has it, and its other end, which a playbook plays. */
import { Duplex } from 'node:stream';
import type { Transport } from '../../src/engine/transport/transport.ts';

/** What the engine did to a leg. `drop`: it let go of it without a FIN of its own before. */
export type Heard =
  | { readonly did: 'send'; readonly bytes: Buffer }
  | { readonly did: 'end' | 'reset' | 'drop' };

/** Small, so that little is enough to make a side slow. */
export const WATER_MARK = 256;

export class Leg extends Duplex {
  readonly transport: Transport;
  /** What the engine did that no stream allows, such as to write behind its end. */
  misused: string | undefined;
  readonly #hear: (heard: Heard) => void;
  #stalled = false;
  #held: (() => void)[] = [];
  #wasReset = false;
  #finSent = false;
  #peerReset = false;

  constructor(name: string, hear: (heard: Heard) => void) {
    super({ highWaterMark: WATER_MARK, allowHalfOpen: true });
    this.#hear = hear;
    this.transport = {
      stream: this,
      peer: name,
      reset: () => {
        if (!this.destroyed) this.#wasReset = true;
        this.destroy();
      },
    };
    this.on('error', (error: Error & { code?: string }) => {
      if (error.code !== 'ECONNRESET') this.misused = error.message;
    });
  }

  /** The other end sends bytes. */
  says(bytes: string | Buffer): void {
    if (!this.destroyed && !this.#saidAll) this.push(Buffer.from(bytes as string, 'latin1'));
  }

  #saidAll = false;

  /** The other end sends FIN. */
  ends(): void {
    if (this.destroyed || this.#saidAll) return;
    this.#saidAll = true;
    this.push(null);
  }

  /** The other end sends RST. */
  resets(): void {
    if (this.destroyed) return;
    this.#peerReset = true;
    this.destroy(Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }));
  }

  /** The other end takes no more bytes. */
  stalls(): void {
    this.#stalled = true;
  }

  /** The other end takes bytes again. */
  reads(): void {
    this.#stalled = false;
    const held = this.#held;
    this.#held = [];
    for (const take of held) take();
  }

  override _read(): void {}

  override _write(bytes: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#taken(() => {
      this.#hear({ did: 'send', bytes });
      done();
    });
  }

  override _final(done: () => void): void {
    this.#taken(() => {
      this.#finSent = true;
      this.#hear({ did: 'end' });
      done();
    });
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#held = [];
    if (this.#wasReset) this.#hear({ did: 'reset' });
    else if (!this.#finSent && !this.#peerReset) this.#hear({ did: 'drop' });
    done(error);
  }

  #taken(take: () => void): void {
    if (this.#stalled) this.#held.push(take);
    else take();
  }
}
