/** Holds a whole answer, lets rewrite effects change it, and says what its head must become. */
import type { AnswerFacts, RewriteEffect, Rewritten } from '../../core/effect.ts';
import type { Header } from '../../core/facts.ts';
import { HeldBytes } from '../../core/held-bytes.ts';
import type { BodySink } from '../../core/http1/head.ts';
import type { PlannedFault } from '../../core/rules/decision.ts';
import type { PlannedEffect } from '../plan/effect-sorter.ts';
import { decodeWhole, encodeWhole } from './coding.ts';

/** The largest answer that is held, in bytes. */
export const MAX_ANSWER_BYTES = 32 * 1024 * 1024;
/** The largest that is held with its framing. */
export const MAX_FRAMED_BYTES = MAX_ANSWER_BYTES + 8 * 1024 * 1024;

export interface RewrittenAnswer {
  readonly body: Buffer;
  readonly set: readonly Header[];
  /** The length told is not the body's: the connection must end behind it. */
  readonly cut: boolean;
  readonly applied: readonly { readonly fault: PlannedFault; readonly note: string }[];
  readonly skipped: readonly { readonly fault: PlannedFault; readonly reason: string }[];
}

export class RewriteBody implements BodySink {
  readonly #held = new HeldBytes();
  readonly #limit: number;
  /** True once the answer is too large to hold. */
  overflowed = false;

  /** @param limit the largest answer to hold, in bytes */
  constructor(limit = MAX_ANSWER_BYTES) {
    this.#limit = limit;
  }

  data(chunk: Buffer, start: number, end: number): void {
    if (this.overflowed) return; // what follows passes, and is not ours to keep
    this.#held.add(chunk, start, end);
    if (this.#held.length > this.#limit) this.giveUp();
  }

  /** It is too large: nothing of it is kept from here on. */
  giveUp(): void {
    this.overflowed = true;
    this.#held.clear();
  }

  /** @throws what zlib throws when the body is not what its coding says */
  finish(
    rewrites: readonly PlannedEffect<RewriteEffect>[],
    coding: string,
    contentType: string,
    answer: AnswerFacts,
  ): RewrittenAnswer {
    const original = this.#held.take();
    let body: Uint8Array = decodeWhole(coding, original, MAX_ANSWER_BYTES);
    let type = contentType;
    let kept = false;
    const applied: { fault: PlannedFault; note: string }[] = [];
    const skipped: { fault: PlannedFault; reason: string }[] = [];
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
