/** Writes the events of an SSE body: through the answer's coding, flushed each time, framed as the answer is. */
import type { ClientLeg } from '../connection/client-leg.ts';
import { type Coder, encoder } from './coding.ts';
import type { PassedOp } from './fast-lane.ts';
import type { ResponseWriter } from './response-writer.ts';

interface WriterEvents {
  /** No more is to come until {@link WriterEvents.ready}, or until the client has taken what there is. */
  slow(): void;
  ready(): void;
  failed(error: Error): void;
}

export class CodedWriter {
  readonly #connection: Pick<ClientLeg, 'cork' | 'uncork'>;
  readonly #outlet: ResponseWriter;
  readonly #chunked: boolean;
  readonly #encoder: Coder;
  readonly #slow: () => void;
  #outWaits = false;
  #encoderWaits = false;
  /** Nothing more is written. */
  over = false;

  constructor(
    connection: ClientLeg,
    outlet: ResponseWriter,
    { coding, chunked }: { readonly coding: string; readonly chunked: boolean },
    { slow, ready, failed }: WriterEvents,
  ) {
    this.#connection = connection;
    this.#outlet = outlet;
    this.#chunked = chunked;
    this.#slow = slow;
    this.#encoder = encoder(coding, {
      onData: (bytes) => this.#encoded(bytes),
      onError: failed,
      onDrain: () => {
        this.#encoderWaits = false;
        ready();
      },
      guard: connection.client,
    });
  }

  /** True while it has enough to do. */
  get waits(): boolean {
    return this.#outWaits || this.#encoderWaits;
  }

  /** The client takes bytes again. */
  drained(): void {
    this.#outWaits = false;
  }

  /** In one write, so in one TLS record where it fits. */
  send(out: readonly PassedOp[]): void {
    const several = out.length > 1 && out.some(({ op }) => op === 'chunks');
    if (several) this.#connection.cork();
    let content: Uint8Array[] = [];
    for (const { op, bytes } of out) {
      if (op === 'bytes') {
        content.push(bytes);
        continue;
      }
      this.#encode(content);
      content = [];
      this.#sent(this.#outlet.write(bytes));
    }
    this.#encode(content);
    if (several) this.#connection.uncork();
  }

  /** Calls back once the client was sent all of it so far. */
  flushed(then: () => void): void {
    this.#encoder.flush(() => this.#outlet.flushed(then));
  }

  /** Ends the body, and calls back once its end was sent. */
  end(then: () => void): void {
    this.#encoder.end(() => {
      if (this.over) return;
      if (this.#chunked) this.#outlet.lastChunk();
      this.#outlet.flushed(then);
    });
  }

  destroy(): void {
    this.#encoder.destroy();
  }

  #encode(pieces: readonly Uint8Array[]): void {
    if (pieces.length === 0) return;
    const ready = this.#encoder.write(joined(pieces));
    this.#encoder.flush(nothing);
    if (ready) return;
    this.#encoderWaits = true;
    this.#slow();
  }

  #encoded(bytes: Buffer): void {
    if (this.over) return;
    this.#sent(this.#chunked ? this.#outlet.chunk(bytes) : this.#outlet.write(bytes));
  }

  /** @param ready false when the client is slow */
  #sent(ready: boolean): void {
    if (ready) return;
    this.#outWaits = true;
    this.#slow();
  }
}

function nothing(): void {}

/** All pieces as one. Events that nobody touched mostly lie side by side as they were read: these are not copied. */
function joined(pieces: readonly Uint8Array[]): Buffer {
  const { buffer, byteOffset } = pieces[0] as Uint8Array;
  let end = byteOffset;
  for (const piece of pieces) {
    if (piece.buffer !== buffer || piece.byteOffset !== end) return Buffer.concat(pieces);
    end += piece.length;
  }
  return Buffer.from(buffer, byteOffset, end - byteOffset);
}
