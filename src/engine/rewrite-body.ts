/** Holds a whole answer, lets rewrite effects change it, and says what its head must become. */
import type { AnswerFacts, RewriteEffect, Rewritten } from '../core/effect.ts';
import type { Header } from '../core/facts.ts';
import type { BodySink } from '../core/http1/head.ts';
import { decodeWhole, encodeWhole } from './coding.ts';
import type { Of } from './effects.ts';

/** The largest answer that is held, in bytes. */
export const MAX_ANSWER_BYTES = 32 * 1024 * 1024;

export interface RewrittenAnswer {
  readonly body: Buffer;
  readonly set: readonly Header[];
  /** The length told is not the body's: the connection must end behind it. */
  readonly cut: boolean;
  readonly applied: readonly { readonly fault: string; readonly note: string }[];
  readonly skipped: readonly { readonly fault: string; readonly reason: string }[];
}

export class RewriteBody implements BodySink {
  readonly #slices: Buffer[] = [];
  #bytes = 0;
  readonly #limit: number;
  /** True once the answer is too large to hold. */
  overflowed = false;

  /** @param limit the largest answer to hold, in bytes */
  constructor(limit = MAX_ANSWER_BYTES) {
    this.#limit = limit;
  }

  data(chunk: Buffer, start: number, end: number): void {
    this.#slices.push(chunk.subarray(start, end));
    this.#bytes += end - start;
    if (this.#bytes > this.#limit) this.overflowed = true;
  }

  /** @throws what zlib throws when the body is not what its coding says */
  finish(
    rewrites: readonly Of<RewriteEffect>[],
    coding: string,
    contentType: string,
    answer: AnswerFacts,
  ): RewrittenAnswer {
    const original = Buffer.concat(this.#slices);
    let body: Uint8Array = decodeWhole(coding, original, MAX_ANSWER_BYTES);
    let type = contentType;
    let kept = false;
    const applied: { fault: string; note: string }[] = [];
    const skipped: { fault: string; reason: string }[] = [];
    for (const { effect, fault } of rewrites) {
      const result: Rewritten = effect.rewrite(body, type, answer);
      if (result.skipped !== undefined) {
        skipped.push({ fault, reason: result.skipped });
        continue;
      }
      body = result.body;
      type = result.contentType ?? type;
      kept ||= result.length === 'kept';
      applied.push({ fault, note: result.note ?? 'changed the body' });
    }
    const coded = encodeWhole(coding, body);
    const length = kept ? original.length : coded.length;
    const set: Header[] = [['Content-Length', String(length)]];
    if (type !== contentType) set.push(['Content-Type', type]);
    return { body: coded.subarray(0, length), set, cut: kept, applied, skipped };
  }
}
