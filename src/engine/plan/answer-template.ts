/**
 * The bytes of an injected answer, prepared once per effect: everything that is the same for each
 * call is laid out; request id and date are written into their places.
 */

import { REQUEST_ID_SLOT, type RespondEffect } from '../../core/effect.ts';
import type { Header } from '../../core/facts.ts';
import { renderAnswer } from '../../core/http1/answer.ts';
import { httpDate } from '../../core/http1/date.ts';
import type { Decision } from '../../core/rules/decision.ts';

/** Name of the header that marks an answer as ours. */
export const MARKER_HEADER = 'x-injected-fault';

/** As long as every IMF-fixdate; replaced by one when the answer is written. */
const DATE_SLOT = '{{--------the-date---------}}';

/** About so many bytes of answers are laid out at once, at the most. */
const ROW_BYTES = 16_384;

const NO_ROW = Buffer.alloc(0);

/** Value of {@link MARKER_HEADER}. */
export function markerOf(rule: string, fault: string): string {
  return `${rule}/${fault}`;
}

export class AnswerTemplate {
  /** What the marker says; a template serves one marker only. */
  readonly marker: string | undefined;
  /** Bytes of the head, blank line included: all that a HEAD request gets. */
  readonly headLength: number;
  /** True when the answer itself says `Connection: close`. */
  readonly endsConnection: boolean;
  /** What is told when it is sent. */
  readonly told: string;
  readonly #bytes: Buffer;
  readonly #ids: readonly number[];
  readonly #dates: readonly number[];
  /** The second whose date stands in `#bytes`. */
  #second = Number.NaN;
  /** Copies of `#bytes`, one behind the other, each for one answer; those from `#next` on are unused. */
  #row: Buffer = NO_ROW;
  #next = 0;
  /** How many copies the last row of this second had. */
  #copies = 0;

  /** Lays out the answer of `effect`. Headers of the effect win over those added here. */
  constructor(effect: RespondEffect, marker: string | undefined, close: boolean) {
    const has = (name: string): boolean => effect.headers.some(([other]) => other.toLowerCase() === name);
    const headers: Header[] = [];
    if (!has('date')) headers.push(['Date', DATE_SLOT]);
    headers.push(...effect.headers);
    if (marker !== undefined) headers.push([MARKER_HEADER, marker]);
    if (close && !has('connection')) headers.push(['Connection', 'close']);
    const bytes = renderAnswer({ status: effect.status, reason: effect.reason, headers, body: effect.body });
    const connection = effect.headers.find(([name]) => name.toLowerCase() === 'connection')?.[1];
    this.marker = marker;
    this.headLength = bytes.indexOf('\r\n\r\n') + 4;
    this.endsConnection = close || (connection !== undefined && /\bclose\b/i.test(connection));
    this.told = `respond ${effect.status}`;
    this.#bytes = bytes;
    this.#ids = offsets(bytes, REQUEST_ID_SLOT);
    this.#dates = offsets(bytes.subarray(0, this.headLength), DATE_SLOT);
  }

  /** @param wall milliseconds since the Unix epoch */
  render(decision: Decision, wall: number): Buffer {
    const ids = this.#ids;
    this.#dateFor(wall);
    const out = this.#copy();
    const first = ids[0];
    if (first === undefined) return out;
    decision.writeRequestId(out, first);
    for (let i = 1; i < ids.length; i++) {
      const to = ids[i]! - first;
      for (let at = first; at < first + REQUEST_ID_SLOT.length; at++) out[at + to] = out[at]!;
    }
    return out;
  }

  /** Where answers come one after another, they are copied many at a time: each copy alone costs more than its bytes. */
  #copy(): Buffer {
    const { length } = this.#bytes;
    if (this.#row === NO_ROW) {
      this.#copies = Math.min(2 * this.#copies || 1, Math.ceil(ROW_BYTES / length));
      this.#row = Buffer.allocUnsafeSlow(this.#copies * length).fill(this.#bytes);
    }
    const from = this.#next;
    this.#next += length;
    const copy = this.#row.subarray(from, this.#next);
    if (this.#next === this.#row.length) this.#dropRow();
    return copy;
  }

  #dropRow(): void {
    this.#row = NO_ROW;
    this.#next = 0;
  }

  #dateFor(wall: number): void {
    const second = Math.floor(wall / 1000);
    if (second === this.#second) return;
    this.#second = second;
    this.#dropRow();
    this.#copies = 0;
    for (const at of this.#dates) this.#bytes.write(httpDate(wall), at, DATE_SLOT.length, 'latin1');
  }
}

function offsets(bytes: Buffer, slot: string): number[] {
  const found: number[] = [];
  for (let at = bytes.indexOf(slot); at >= 0; at = bytes.indexOf(slot, at + slot.length)) found.push(at);
  return found;
}

interface Last {
  readonly effect: RespondEffect;
  readonly rule: string;
  readonly fault: string;
  readonly close: boolean;
  readonly template: AnswerTemplate;
}

/** Keeps the templates of effects for as long as the effects live. */
export class AnswerTemplates {
  readonly #marks: boolean;
  readonly #kept = new WeakMap<RespondEffect, AnswerTemplate>();
  readonly #closing = new WeakMap<RespondEffect, AnswerTemplate>();
  #last: Last | undefined;

  /** @param marks mark answers as ours */
  constructor(marks: boolean) {
    this.#marks = marks;
  }

  for(effect: RespondEffect, rule: string, fault: string, close: boolean): AnswerTemplate {
    const last = this.#last;
    if (last?.effect === effect && last.rule === rule && last.fault === fault && last.close === close)
      return last.template;
    const template = this.#find(effect, this.#marks ? markerOf(rule, fault) : undefined, close);
    this.#last = { effect, rule, fault, close, template };
    return template;
  }

  #find(effect: RespondEffect, marker: string | undefined, close: boolean): AnswerTemplate {
    const kept = close ? this.#closing : this.#kept;
    let template = kept.get(effect);
    if (template === undefined || template.marker !== marker) {
      template = new AnswerTemplate(effect, marker, close);
      kept.set(effect, template);
    }
    return template;
  }
}
