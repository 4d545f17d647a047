/**
 * The body of an SSE answer on its way through stream filters: undo the coding, cut into events, filter,
 * redo the coding (flushed per event), frame anew (`coded-writer.ts`). Events that no filter touches keep their bytes;
 * what no filter has to see takes the `fast-lane.ts`.
 */

import type { StreamFailureScan } from '../../core/anthropic/stream-failure.ts';
import type { AnswerFacts } from '../../core/effect.ts';
import type { BodySink } from '../../core/http1/head.ts';
import { type FrameSink, SseDecoder } from '../../core/sse/decode.ts';
import type { CallPort } from '../injection/call-port.ts';
import type { Injection } from '../injection/injection.ts';
import { CodedWriter } from './coded-writer.ts';
import { type Coder, decoder, isPlain } from './coding.ts';
import { FastLane, type PassedOp } from './fast-lane.ts';
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

export class SseBody implements BodySink {
  readonly #call: CallPort;
  readonly #injection: Injection;
  readonly #outlet: ResponseWriter;
  readonly #options: StreamBodyOptions;
  readonly #sse = new SseDecoder();
  readonly #frames: FrameSink = {
    frame: (frame) => this.#chain.event(frame, this.#readAt, this.#ops),
    passOver: (bytes, at) => this.#lane.passOver(bytes, at, this.#readAt),
  };
  readonly #lane: FastLane;
  /** Of what is decoded now: milliseconds since the answer's head. */
  #readAt = 0;
  readonly #chain: FilterChain;
  readonly #decoder: Coder;
  readonly #out: CodedWriter;
  readonly #startedAt: number;
  readonly #came = new ReadParts();
  #ops: WireOp[] = [];
  #inRead = false;
  #waiting = false;
  /** A filter ended the answer: whatever the upstream still says is not heard. */
  #ending = false;
  #sourceEnded = false;
  #finish: (() => void) | undefined;
  #cancelWait: (() => void) | undefined;
  #cancelDue: (() => void) | undefined;
  #reported = false;

  constructor(call: CallPort, injection: Injection, outlet: ResponseWriter, options: StreamBodyOptions) {
    this.#call = call;
    this.#injection = injection;
    this.#outlet = outlet;
    this.#options = options;
    this.#startedAt = call.clock.now();
    this.#chain = new FilterChain(injection.effects.filters, options.answer);
    this.#decoder = decoder(options.coding, {
      onData: (bytes) => this.#decoded(bytes),
      onError: (error) => this.#unreadable(error),
      onDrain: () => {},
      guard: call.connection.client,
    });
    this.#out = new CodedWriter(call.connection, outlet, options, {
      slow: () => this.#stopReading(),
      ready: () => this.#readOn(),
      failed: (error) => this.#unreadable(error),
    });
    // The upstream's framing can be ours where both are chunks of the same bytes.
    const framed = options.chunked && isPlain(options.coding);
    this.#lane = new FastLane(this.#chain, framed, {
      pass: (op) => this.#ops.push(op),
      arrive: () => {
        this.#decodeCame();
        return !this.#out.over && !this.#ending && this.#sse.between ? this.#now() : undefined;
      },
    });
    this.#schedule();
  }

  /** Payload of the upstream's answer. Looked at by {@link readDone}: one read may hold hundreds of parts. */
  data(chunk: Buffer, start: number, end: number): void {
    this.#came.add(chunk, start, end);
  }

  /** A chunk of it that holds deltas which no filter has to see goes on as it is. */
  wholeChunk(bytes: Buffer, from: number, start: number, end: number, to: number): void {
    if (this.#lane.takesChunk(bytes, from, start, end, to)) return;
    this.#came.add(bytes, start, end);
  }

  /** A read has ended: what came with it goes through the filters, and out in one piece where they let it. */
  readDone(): void {
    this.#lane.endRun();
    this.#decodeCame();
    this.#lane.forget();
    this.#run();
    this.#schedule();
    if (!this.reading) this.#stopReading();
  }

  /** The upstream's body is complete. */
  end(): void {
    if (this.#out.over || this.#ending || this.#sourceEnded) return;
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
    if (this.#out.over || this.#ending) return;
    this.#decoder.flush(() => {
      if (this.#ending) return;
      const rest = this.#sse.rest();
      if (rest.length > 0) this.#push([{ op: 'bytes', bytes: rest }]);
      this.#finish = () => this.#out.flushed(then);
      this.#run();
    });
  }

  /** False while a filter waits: the upstream is not to be read. */
  get reading(): boolean {
    return !this.#waiting && !this.#out.waits;
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
    this.#out.drained();
    this.#readOn();
  }

  cancel(): void {
    const wasOver = this.#out.over;
    this.#out.over = true;
    this.#cancelWait?.();
    this.#cancelDue?.();
    this.#decoder.destroy();
    this.#out.destroy();
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
    return this.#call.clock.now() - this.#startedAt;
  }

  #decodeCame(): void {
    const came = this.#came.take();
    if (came === undefined || this.#out.over || this.#ending) return;
    this.#inRead = true;
    this.#decoder.write(came);
    this.#inRead = false;
  }

  #decoded(bytes: Buffer): void {
    if (this.#out.over || this.#ending) return;
    this.#readAt = this.#now();
    this.#options.watch?.push(bytes);
    this.#sse.feed(bytes, this.#frames);
    if (this.#sse.overflowed) this.#push([{ op: 'bytes', bytes: this.#sse.rest() }]);
    // More may come with the same read, and goes out in the same write.
    if (this.#inRead) return;
    this.#lane.forget();
    this.#run();
    this.#schedule();
  }

  #push(ops: readonly WireOp[]): void {
    for (const op of ops) this.#ops.push(op);
  }

  #run(): void {
    if (this.#waiting || this.#out.over || this.#ending) return;
    const ops = this.#ops;
    this.#ops = [];
    const out: PassedOp[] = [];
    for (let i = 0; i < ops.length; i++) {
      const op = ops[i] as WireOp;
      if (op.op === 'bytes' || op.op === 'chunks') out.push(op);
      else if (op.op === 'applied') this.#injection.applied(op.fault, op.note);
      else {
        this.#ops = ops.slice(i + 1);
        this.#out.send(out);
        if (op.op === 'wait') this.#wait(op.ms);
        else this.#endBy(op.how);
        return;
      }
    }
    this.#out.send(out);
    this.#finish?.();
  }

  #wait(ms: number): void {
    this.#waiting = true;
    this.#stopReading();
    if (!Number.isFinite(ms)) {
      this.#injection.hung = true; // the client decides when this is over
      return;
    }
    this.#cancelWait = this.#call.clock.after(ms, () => {
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
    this.#out.flushed(() => {
      this.#report();
      this.#out.over = true;
      if (how === 'hang') this.#injection.hung = true;
      this.#call.endConnection(how, 'fault-end', 'injected');
    });
  }

  #complete(injected: boolean): void {
    this.#finish = undefined;
    this.#cancelDue?.();
    this.#out.end(() => {
      this.#report();
      this.#out.over = true;
      this.#options.onDone(injected);
    });
  }

  #unreadable(error: Error): void {
    if (this.#out.over || this.#ending) return;
    const reason = `the answer's ${this.#options.coding} coding is broken: ${error.message}`;
    for (const { fault } of this.#injection.effects.filters) this.#injection.skipped(fault, reason);
    this.#reported = true;
    this.#call.upstreamBrokeOff(error);
  }

  #schedule(): void {
    this.#cancelDue?.();
    this.#cancelDue = undefined;
    const due = this.#chain.due();
    if (due === undefined || this.#out.over || this.#sourceEnded) return;
    this.#cancelDue = this.#call.clock.after(Math.max(0, due - this.#now()), () => {
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
