/**
 * The fast lane beside the filters of an SSE body. Deltas that no filter has to see are not cut into events: they go on
 * as they lie there, as one piece; and where whole chunks hold nothing else, with the upstream's framing. Without it
 * the same bytes go out, more slowly.
 */
import { DeltaRun } from '../../core/anthropic/delta-run.ts';
import { ChunkRun } from './chunk-run.ts';
import type { FilterChain, WireOp } from './filter-chain.ts';

/** What goes out as it is. */
export type PassedOp = Extract<WireOp, { op: 'bytes' | 'chunks' }>;

/** What the lane asks of the body that it runs beside. */
interface Beside {
  pass(op: PassedOp): void;
  /**
   * Has all that came so far go through the filters.
   *
   * @returns milliseconds since the answer's head; undefined where what comes next is not the start of an event
   */
  arrive(): number | undefined;
}

export class FastLane {
  readonly #chain: FilterChain;
  readonly #beside: Beside;
  readonly #deltas = new DeltaRun();
  /** Undefined where the upstream's framing cannot be ours. */
  readonly #chunks: ChunkRun | undefined;

  constructor(chain: FilterChain, framed: boolean, beside: Beside) {
    this.#chain = chain;
    this.#beside = beside;
    this.#chunks = framed ? new ChunkRun() : undefined;
  }

  /**
   * A chunk in `bytes[from, to)`, with its content in `bytes[start, end)`.
   *
   * @returns false where it has to go through the filters
   */
  takesChunk(bytes: Buffer, from: number, start: number, end: number, to: number): boolean {
    const chunks = this.#chunks;
    if (chunks === undefined) return false;
    if (this.#deltas.find(bytes, start, end) === end) {
      const { count } = this.#deltas;
      if (count <= chunks.spare || this.#beginRun(chunks, bytes, from, start, count)) {
        chunks.add(to, count, end - start);
        return true;
      }
    }
    this.endRun();
    return false;
  }

  /** Chunks that were taken go on. */
  endRun(): void {
    const run = this.#chunks?.take();
    if (run === undefined) return;
    this.#chain.passedOver(run.deltas, run.content);
    this.#beside.pass({ op: 'chunks', bytes: run.bytes });
  }

  /**
   * Deltas from `at` on that no filter has to see go on as one piece.
   *
   * @param now of the bytes: milliseconds since the answer's head
   * @returns index behind them
   */
  passOver(bytes: Buffer, at: number, now: number): number {
    const most = this.#chain.spare(now, bytes.length - at);
    if (most < 1) return at;
    const end = this.#deltas.find(bytes, at, bytes.length, most);
    if (end === at) return at;
    this.#chain.passedOver(this.#deltas.count, end - at);
    this.#beside.pass({ op: 'bytes', bytes: bytes.subarray(at, end) });
    return end;
  }

  /** A read has ended: what is known of its bytes holds for no others. */
  forget(): void {
    this.#deltas.forget();
  }

  /** @returns false unless that many deltas, which come next, may go by unseen, and chunks with them */
  #beginRun(chunks: ChunkRun, bytes: Buffer, from: number, start: number, deltas: number): boolean {
    this.endRun();
    const now = this.#beside.arrive();
    if (now === undefined) return false;
    const spare = this.#chain.spare(now, bytes.length - start);
    if (spare < deltas) return false;
    chunks.begin(bytes, from, spare);
    return true;
  }
}
