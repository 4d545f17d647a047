/**
 * The body of an SSE answer on its way through stream filters: undo the coding, cut into events, filter,
 * redo the coding (flushed per event), frame anew. Events that no filter touches keep their bytes; deltas that no
 * filter has to see are not even cut out, and whole chunks of them keep the upstream's framing.
 */

import { DeltaRun } from '../../core/anthropic/delta-run.ts';
import type { StreamFailureScan } from '../../core/anthropic/stream-failure.ts';
import type { AnswerFacts } from '../../core/effect.ts';
import type { BodySink } from '../../core/http1/head.ts';
import { type FrameSink, SseDecoder } from '../../core/sse/decode.ts';
import type { CallPort } from '../injection/call-port.ts';
import type { Injection } from '../injection/injection.ts';
import { ChunkRun } from './chunk-run.ts';
import { type Coder, decoder, encoder, isPlain } from './coding.ts';
import { FilterChain, type WireOp } from './filter-chain.ts';
import { ReadParts } from './read-parts.ts';
import type { ResponseWriter } from './response-writer.ts';

export interface StreamBodyOptions {
  readonly answer: AnswerFacts;
  readonly coding: string;
  /** Frame as chunks; else the body ends with the connection. */
  readonly chunked: boolean;
  /** Sees the content as the upstream sent it. */
  readonly watch: StreamFailureScan | undefined;
  /** The whole answer went out; `keepAlive` tells if the connection can go on. */
  readonly onDone: (injected: boolean) => void;
}

type Sendable = Extract<WireOp, { op: 'bytes' | 'chunks' }>;

export class SseBody implements BodySink {
  readonly #call: CallPort;
  readonly #injection: Injection;
  readonly #outlet: ResponseWriter;
  readonly #options: StreamBodyOptions;
  readonly #sse = new SseDecoder();
  readonly #frames: FrameSink = {
    frame: (frame) => this.#chain.event(frame, this.#readAt, this.#ops),
    passOver: (bytes, at) => this.#passOver(bytes, at),
  };
  readonly #deltas = new DeltaRun();
  /** Undefined where the upstream's framing cannot be ours. */
  readonly #chunks: ChunkRun | undefined;
  /** Of what is decoded now: milliseconds since the answer's head. */
  #readAt = 0;
  readonly #chain: FilterChain;
  readonly #decoder: Coder;
  readonly #encoder: Coder;
  readonly #startedAt: number;
  readonly #came = new ReadParts();
  #ops: WireOp[] = [];
  #inRead = false;
  #waiting = false;
  #over = false;
  /** A filter ended the answer: whatever the upstream still says is not heard. */
  #ending = false;
  #sourceEnded = false;
  #finish: (() => void) | undefined;
  #cancelWait: (() => void) | undefined;
  #cancelDue: (() => void) | undefined;
  #outWaits = false;
  #encoderWaits = false;
  #reported = false;

  constructor(call: CallPort, injection: Injection, outlet: ResponseWriter, options: StreamBodyOptions) {
    this.#call = call;
    this.#injection = injection;
    this.#outlet = outlet;
    this.#options = options;
    this.#startedAt = call.services.options.clock.now();
    this.#chain = new FilterChain(injection.effects.filters, options.answer);
    const guard = call.connection.client;
    this.#decoder = decoder(options.coding, {
      onData: (bytes) => this.#decoded(bytes),
      onError: (error) => this.#unreadable(error),
      onDrain: nothing,
      guard,
    });
    this.#encoder = encoder(options.coding, {
      onData: (bytes) => this.#encoded(bytes),
      onError: (error) => this.#unreadable(error),
      onDrain: () => {
        this.#encoderWaits = false;
        this.#readOn();
      },
      guard,
    });
    this.#chunks = options.chunked && isPlain(options.coding) ? new ChunkRun() : undefined;
    this.#schedule();
  }

  /** Payload of the upstream's answer. Looked at by {@link readDone}: one read may hold hundreds of parts. */
  data(chunk: Buffer, start: number, end: number): void {
    this.#came.add(chunk, start, end);
  }

  /** A chunk of it that holds deltas which no filter has to see goes on as it is. */
  wholeChunk(bytes: Buffer, from: number, start: number, end: number, to: number): void {
    const chunks = this.#chunks;
    if (chunks !== undefined) {
      if (this.#deltas.find(bytes, start, end) === end) {
        const { count } = this.#deltas;
        if (count <= chunks.spare || this.#beginRun(chunks, bytes, from, start, count)) {
          chunks.add(to, count, end - start);
          return;
        }
      }
      this.#endRun();
    }
    this.#came.add(bytes, start, end);
  }

  /** A read has ended: what came with it goes through the filters, and out in one piece where they let it. */
  readDone(): void {
    this.#endRun();
    this.#decodeCame();
    this.#deltas.forget();
    this.#run();
    this.#schedule();
    if (!this.reading) this.#stopReading();
  }

  /** The upstream's body is complete. */
  end(): void {
    if (this.#over || this.#ending || this.#sourceEnded) return;
    this.#decoder.end(() => {
      if (this.#ending) return;
      this.#sourceEnded = true;
      this.#push(this.#chain.end(this.#sse.rest(), this.#now()));
      this.#finish ??= () => this.#complete(false);
      this.#run();
    });
  }

  /** The upstream broke off: what came of it goes out, then `then`. */
  brokeOff(then: () => void): void {
    if (this.#over || this.#ending) return;
    this.#decoder.flush(() => {
      if (this.#ending) return;
      const rest = this.#sse.rest();
      if (rest.length > 0) this.#push([{ op: 'bytes', bytes: rest }]);
      this.#finish = () => this.#encoder.flush(() => this.#outlet.flushed(then));
      this.#run();
    });
  }

  /** False while a filter waits: the upstream is not to be read. */
  get reading(): boolean {
    return !this.#waiting && !this.#outWaits && !this.#encoderWaits;
  }

  /** False where the answer's end is told by the end of the connection alone. */
  get framed(): boolean {
    return this.#options.chunked;
  }

  /** True while a filter holds back what follows. */
  get waiting(): boolean {
    return this.#waiting;
  }

  drained(): void {
    this.#outWaits = false;
    this.#readOn();
  }

  cancel(): void {
    const wasOver = this.#over;
    this.#over = true;
    this.#cancelWait?.();
    this.#cancelDue?.();
    this.#decoder.destroy();
    this.#encoder.destroy();
    // Filters are asked last: nothing is left running where one throws.
    if (!wasOver) this.#report();
  }

  /** What the upstream sent may be small and become large: the decoder rests as well. */
  #stopReading(): void {
    this.#decoder.pause();
    this.#call.pauseUpstream();
  }

  #readOn(): void {
    if (!this.reading || this.#ending) return;
    this.#decoder.resume();
    this.#call.resumeUpstream();
  }

  #now(): number {
    return this.#call.services.options.clock.now() - this.#startedAt;
  }

  #decodeCame(): void {
    const came = this.#came.take();
    if (came === undefined || this.#over || this.#ending) return;
    this.#inRead = true;
    this.#decoder.write(came);
    this.#inRead = false;
  }

  #decoded(bytes: Buffer): void {
    if (this.#over || this.#ending) return;
    this.#readAt = this.#now();
    this.#options.watch?.push(bytes);
    this.#sse.feed(bytes, this.#frames);
    if (this.#sse.overflowed) this.#push([{ op: 'bytes', bytes: this.#sse.rest() }]);
    // More may come with the same read, and goes out in the same write.
    if (this.#inRead) return;
    this.#deltas.forget();
    this.#run();
    this.#schedule();
  }

  /** @returns false unless that many deltas, which come next, may go by unseen, and chunks with them */
  #beginRun(chunks: ChunkRun, bytes: Buffer, from: number, start: number, deltas: number): boolean {
    this.#endRun();
    this.#decodeCame();
    if (this.#over || this.#ending || !this.#sse.between) return false;
    const spare = this.#chain.spare(this.#now(), bytes.length - start);
    if (spare < deltas) return false;
    chunks.begin(bytes, from, spare);
    return true;
  }

  #endRun(): void {
    const run = this.#chunks?.take();
    if (run === undefined) return;
    this.#chain.passedOver(run.deltas, run.content);
    this.#ops.push({ op: 'chunks', bytes: run.bytes });
  }

  /** Deltas that no filter has to see go on as they lie there, as one piece. */
  #passOver(bytes: Buffer, at: number): number {
    const most = this.#chain.spare(this.#readAt, bytes.length - at);
    if (most < 1) return at;
    const end = this.#deltas.find(bytes, at, bytes.length, most);
    if (end === at) return at;
    this.#chain.passedOver(this.#deltas.count, end - at);
    this.#ops.push({ op: 'bytes', bytes: bytes.subarray(at, end) });
    return end;
  }

  #push(ops: readonly WireOp[]): void {
    for (const op of ops) this.#ops.push(op);
  }

  #run(): void {
    if (this.#waiting || this.#over || this.#ending) return;
    const ops = this.#ops;
    this.#ops = [];
    const out: Sendable[] = [];
    for (let i = 0; i < ops.length; i++) {
      const op = ops[i] as WireOp;
      if (op.op === 'bytes' || op.op === 'chunks') out.push(op);
      else if (op.op === 'applied') this.#injection.applied(op.fault, op.note);
      else {
        this.#ops = ops.slice(i + 1);
        this.#send(out);
        if (op.op === 'wait') this.#wait(op.ms);
        else this.#endBy(op.how);
        return;
      }
    }
    this.#send(out);
    this.#finish?.();
  }

  /** In one write, so in one TLS record where it fits. */
  #send(out: readonly Sendable[]): void {
    const { connection } = this.#call;
    const several = out.length > 1 && out.some(({ op }) => op === 'chunks');
    if (several) connection.cork();
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
    if (several) connection.uncork();
  }

  #encode(pieces: readonly Uint8Array[]): void {
    if (pieces.length === 0) return;
    const ready = this.#encoder.write(joined(pieces));
    this.#encoder.flush(nothing);
    if (ready) return;
    this.#encoderWaits = true;
    this.#stopReading();
  }

  #wait(ms: number): void {
    this.#waiting = true;
    this.#stopReading();
    if (!Number.isFinite(ms)) {
      this.#injection.hung = true; // the client decides when this is over
      return;
    }
    this.#cancelWait = this.#call.connection.client.clock.after(ms, () => {
      this.#waiting = false;
      this.#cancelWait = undefined;
      this.#readOn();
      this.#run();
    });
  }

  #endBy(how: Extract<WireOp, { op: 'end' }>['how']): void {
    this.#ops = [];
    this.#ending = true;
    this.#decoder.destroy();
    this.#call.pauseUpstream();
    this.#cancelDue?.();
    if (how === 'clean') {
      this.#complete(true);
      return;
    }
    this.#encoder.flush(() =>
      this.#outlet.flushed(() => {
        this.#report();
        this.#over = true;
        if (how === 'hang') this.#injection.hung = true;
        this.#call.endConnection(how, 'fault-end', 'injected');
      }),
    );
  }

  #complete(injected: boolean): void {
    this.#finish = undefined;
    this.#cancelDue?.();
    this.#encoder.end(() => {
      if (this.#over) return;
      if (this.#options.chunked) this.#outlet.lastChunk();
      this.#outlet.flushed(() => {
        this.#report();
        this.#over = true;
        this.#options.onDone(injected);
      });
    });
  }

  #encoded(bytes: Buffer): void {
    if (this.#over) return;
    this.#sent(this.#options.chunked ? this.#outlet.chunk(bytes) : this.#outlet.write(bytes));
  }

  /** @param ready false when the client is slow */
  #sent(ready: boolean): void {
    if (ready) return;
    this.#outWaits = true;
    this.#stopReading();
  }

  #unreadable(error: Error): void {
    if (this.#over || this.#ending) return;
    for (const { effect: _effect, fault } of this.#injection.effects.filters)
      this.#injection.skipped(
        fault,
        `the answer's ${this.#options.coding} coding is broken: ${error.message}`,
      );
    this.#reported = true;
    this.#call.upstreamBrokeOff(error);
  }

  #schedule(): void {
    this.#cancelDue?.();
    this.#cancelDue = undefined;
    const due = this.#chain.due();
    if (due === undefined || this.#over || this.#sourceEnded) return;
    this.#cancelDue = this.#call.connection.client.clock.after(Math.max(0, due - this.#now()), () => {
      this.#cancelDue = undefined;
      this.#push(this.#chain.time(this.#now()));
      this.#run();
      this.#schedule();
    });
  }

  #report(): void {
    if (this.#reported) return;
    this.#reported = true;
    const unreadable = this.#sse.overflowed ? 'the stream has a frame too large to be read' : undefined;
    for (const { fault, reason } of this.#chain.skipped())
      this.#injection.skipped(fault, unreadable ?? reason);
    this.#outlet.reportSkipped();
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
