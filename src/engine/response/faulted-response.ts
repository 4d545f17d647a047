/**
 * Carries out the effects that act on an answer, the upstream's or ours:
 * delay@head → head edits → end@head → head written → body: filters or rewrites → throttle → cut → client.
 */
import type { StreamFailureScan } from '../../core/anthropic/stream-failure.ts';
import type { Header } from '../../core/facts.ts';
import { HeldBytes } from '../../core/held-bytes.ts';
import { BodyScanner, type Framing, type ResponseHead } from '../../core/http1/head.ts';
import { Problem } from '../../core/problem.ts';
import type { PlannedFault } from '../../core/rules/decision.ts';
import type { CallPort } from '../injection/call-port.ts';
import type { Injection } from '../injection/injection.ts';
import { MARKER_HEADER } from '../plan/answer-template.ts';
import type { HeldAnswerLimit } from '../transport/transport.ts';
import { answerFacts, causeOf, editHead, frameStream, type HeadEdit, writeHead } from './edit-head.ts';
import { planResponse, type ResponsePlan } from './response-plan.ts';
import type { ResponseStage } from './response-stage.ts';
import { ResponseWriter } from './response-writer.ts';
import { MAX_FRAMED_BYTES, RewriteBody, type RewrittenAnswer } from './rewrite-body.ts';
import { SseBody } from './sse-body.ts';

export class FaultedResponse implements ResponseStage {
  readonly #call: CallPort;
  readonly #injection: Injection;
  readonly #head: ResponseHead;
  readonly #framing: Framing;
  #plan: ResponsePlan;
  readonly #outlet: ResponseWriter;
  readonly #limit: HeldAnswerLimit | undefined;
  #rewrite: RewriteBody | undefined;
  /** What a rewrite holds back, as it came. */
  readonly #held = new HeldBytes();
  #stream: SseBody | undefined;
  #watch: StreamFailureScan | undefined;
  #scanner: BodyScanner;
  /** Bytes that came while a delay was waiting; undefined once the body flows. */
  #waiting: { chunk: Buffer; from: number }[] | undefined = [];
  /** How the upstream ended while a delay was waiting. */
  #gone: (() => void) | undefined;
  readonly #source: 'upstream' | 'injected';
  #done = false;
  /** The upstream's body is complete. Its FIN, which may come behind it, says that again. */
  #whole = false;
  /** More came than the answer: what it is, nobody knows, and its connection is never used again. */
  #more = false;

  /** @param source whose answer it is; ours is marked already, and its delays are over */
  constructor(
    call: CallPort,
    injection: Injection,
    head: ResponseHead,
    framing: Framing,
    source: 'upstream' | 'injected' = 'upstream',
  ) {
    this.#source = source;
    this.#call = call;
    this.#injection = injection;
    this.#head = head;
    this.#framing = framing;
    this.#plan = planResponse(head, framing, injection.effects);
    for (const { fault, reason } of this.#plan.skipped) injection.skipped(fault, reason);
    this.#outlet = new ResponseWriter(call, injection, () => this.#drained());
    this.#limit = call.connection.transport.heldAnswer;
    this.#rewrite = this.#plan.body === 'rewrite' ? new RewriteBody(this.#limit?.bytes) : undefined;
    this.#scanner = new BodyScanner(framing, this.#rewrite, 'response');
  }

  get busy(): boolean {
    return !this.#done && (this.#outlet.busy || this.#stream?.waiting === true);
  }

  get endsWithConnection(): boolean {
    return this.#framing.kind === 'eof' || this.#stream?.framed === false;
  }

  get failure(): string | undefined {
    return this.#watch?.failure;
  }

  /** Lets `scan` see the answer's content, before the answer starts. @returns false when nobody here reads it */
  watch(scan: StreamFailureScan): boolean {
    if (this.#plan.body !== 'filter') return false;
    this.#watch = scan;
    return true;
  }

  get upstreamDone(): boolean {
    return this.#scanner.done;
  }

  start(chunk: Buffer, end: number): void {
    this.#waiting = [{ chunk, from: end }];
    if (this.#source === 'injected') this.#afterDelays();
    else this.#injection.delayHead(() => this.#delayed());
  }

  cancel(): void {
    if (!this.#done) this.#stream?.cancel();
    this.#done = true;
    this.#outlet.cancel();
  }

  upstreamData(chunk: Buffer, from: number): void {
    if (this.#waiting) {
      this.#waiting.push({ chunk, from });
      this.#call.pauseUpstream();
    } else if (this.#scanner.done) this.#more = true;
    else this.#relay(chunk, from);
  }

  upstreamEnd(): void {
    if (this.#waiting) this.#gone = () => this.upstreamEnd();
    else if (this.#scanner.eof()) this.#bodyCame();
    else this.#brokeOff(undefined);
  }

  upstreamGone(error: Error | undefined): void {
    if (this.#waiting) this.#gone ??= () => this.upstreamGone(error);
    else if (!this.#scanner.done) this.#brokeOff(error);
  }

  clientDrain(): void {
    this.#outlet.clientDrain();
  }

  /** What came meanwhile is looked into by nobody else, so what is wrong with it shows here. */
  #delayed(): void {
    try {
      this.#afterDelays();
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      this.#call.fail(error);
    }
  }

  #afterDelays(): void {
    const { headEnd } = this.#injection.effects;
    if (headEnd) {
      const { how } = headEnd.effect;
      this.#injection.applied(
        headEnd.fault,
        how === 'hang' ? 'no answer, ever' : `${how} before the answer's head`,
      );
      if (how === 'hang') this.#injection.hung = true;
      this.#done = true;
      this.#call.endConnection(how, 'fault-end', 'injected');
      return;
    }
    if (!this.#rewrite) this.#sendHead([], []);
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    if (this.#scanner.done) {
      this.#more = waiting.some(({ chunk, from }) => from < chunk.length);
      this.#bodyCame();
    }
    for (const [nth, { chunk, from }] of waiting.entries())
      if (!this.#done && !this.#scanner.done) this.#relay(chunk, from, nth < waiting.length - 1);
    if (this.#done) return;
    const gone = this.#gone;
    if (gone) gone();
    else if (this.#stream?.reading !== false) this.#call.resumeUpstream();
  }

  /** @param set headers that the body calls for. @param changed faults that changed the body already */
  #sendHead(set: readonly Header[], changed: readonly PlannedFault[]): void {
    const own = this.#source === 'injected';
    const edit = editHead(this.#head, this.#injection.effects.headEdits, own, set);
    for (const { fault, told } of edit.applied) this.#injection.applied(fault, told);
    const marked = changed[0] ?? edit.applied[0]?.fault;
    const marker = marked === undefined || own ? undefined : this.#injection.marker(marked);
    if (marker !== undefined) edit.set.push([MARKER_HEADER, marker]);
    if (this.#plan.body === 'filter') this.#openStream(edit);
    const bytes = writeHead(this.#head, edit);
    this.#call.reporter.headSent(edit.status, this.#source);
    this.#outlet.head(bytes);
  }

  #openStream(edit: HeadEdit): void {
    // A filter may end the answer before the upstream does; where that upstream is the only one, no call can follow.
    const last = this.#call.connection.context.boundUpstream !== undefined;
    const { filters } = this.#injection.effects;
    const chunked = frameStream(edit, this.#framing, this.#call.head.minor, filters, last);
    this.#stream = new SseBody(this.#call, this.#injection, this.#outlet, {
      answer: answerFacts(this.#head),
      coding: this.#plan.coding,
      chunked,
      watch: this.#watch,
      onDone: (injected) => this.#finish(chunked && !last, injected),
    });
    this.#scanner = new BodyScanner(this.#framing, this.#stream, 'response');
  }

  /** @param behind true when more came behind `chunk` already */
  #relay(chunk: Buffer, from: number, behind = false): void {
    const end = this.#scan(chunk, from);
    if (this.#scanner.done && (behind || end < chunk.length)) this.#more = true;
    if (this.#plan.body === 'pass') {
      if (!this.#outlet.write(chunk.subarray(from, end)) && !this.#scanner.done) this.#call.pauseUpstream();
      if (this.#outlet.over) return;
    } else if (this.#rewrite) {
      this.#held.add(chunk, from, end);
      // Chunks of a few bytes are mostly framing, which is held as well.
      if (this.#held.length > MAX_FRAMED_BYTES) this.#rewrite.giveUp();
      if (this.#rewrite.overflowed) this.#giveUpRewriting();
    }
    if (this.#scanner.done) this.#bodyCame();
  }

  /** @returns index behind what belongs to the body */
  #scan(chunk: Buffer, from: number): number {
    try {
      return this.#scanner.push(chunk, from);
    } finally {
      // What came before an error in the framing counts.
      this.#stream?.readDone();
    }
  }

  #bodyCame(): void {
    if (this.#done || this.#whole) return;
    this.#whole = true;
    if (this.#stream) this.#stream.end();
    else if (this.#rewrite) this.#sendRewritten(this.#rewrite);
    else this.#outlet.flushed(() => this.#finish(this.#framing.kind !== 'eof', false));
  }

  #sendRewritten(held: RewriteBody): void {
    const answer = this.#rewritten(held);
    for (const { fault, reason } of answer?.skipped ?? []) this.#injection.skipped(fault, reason);
    const limit = this.#limit !== undefined && (answer?.body.length ?? 0) > this.#limit.bytes && this.#limit;
    if (limit) for (const { fault } of answer?.applied ?? []) this.#injection.skipped(fault, limit.reason);
    if (answer === undefined || answer.applied.length === 0 || limit) {
      this.#passHeld();
      this.#outlet.flushed(() => this.#finish(this.#framing.kind !== 'eof', false));
      return;
    }
    for (const { fault, note } of answer.applied) this.#injection.applied(fault, note);
    const changed = answer.applied.map(({ fault }) => fault);
    this.#sendHead(answer.set, changed);
    this.#outlet.write(answer.body);
    this.#outlet.flushed(() => {
      if (answer.cut) this.#call.endConnection('close', 'fault-end', 'injected');
      else this.#finish(true, true);
    });
  }

  /** @returns undefined for a body that cannot be read, which is told */
  #rewritten(held: RewriteBody): RewrittenAnswer | undefined {
    const { rewrites } = this.#injection.effects;
    const type = this.#head.headers.get('content-type') ?? '';
    try {
      return held.finish(rewrites, this.#plan.coding, type, answerFacts(this.#head));
    } catch (error) {
      const why = error instanceof Error ? error.message : error;
      for (const { fault } of rewrites) this.#injection.skipped(fault, `the body cannot be read: ${why}`);
      return undefined;
    }
  }

  /** Too large to hold: it passes as it came, and the faults are told as skipped. */
  #giveUpRewriting(): void {
    for (const { fault } of this.#injection.effects.rewrites)
      this.#injection.skipped(fault, this.#limit?.reason ?? 'the answer is larger than 32 MiB');
    this.#passHeld();
  }

  /** Sends what was held as it came. */
  #passHeld(): void {
    this.#rewrite = undefined;
    this.#plan = { ...this.#plan, body: 'pass' };
    this.#sendHead([], []);
    let ready = true;
    for (const bytes of this.#held.takePieces()) ready = this.#outlet.write(bytes);
    if (!ready && !this.#scanner.done) this.#call.pauseUpstream();
  }

  #brokeOff(error: Error | undefined): void {
    if (this.#stream) this.#stream.brokeOff(() => this.#call.upstreamBrokeOff(error));
    else if (this.#rewrite && !this.#done) {
      for (const { fault } of this.#injection.effects.rewrites)
        this.#injection.skipped(fault, 'the upstream broke off before its body was complete');
      this.#call.upstreamBrokeOff(error);
    } else this.#outlet.flushed(() => this.#call.upstreamBrokeOff(error));
  }

  #finish(keepAlive: boolean, injected: boolean): void {
    if (this.#done) return;
    this.#done = true;
    if (!this.#stream) this.#outlet.reportSkipped();
    const own = injected || this.#source === 'injected';
    const cause = own ? 'injected' : causeOf(this.#call.reporter.status, this.#head.status);
    this.#call.answerSent(keepAlive, cause, this.#scanner.done && !this.#more);
  }

  #drained(): void {
    this.#stream?.drained();
    if (!this.#stream) this.#call.resumeUpstream();
  }
}
