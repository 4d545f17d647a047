/**
 * The bytes of an injected answer, prepared once per effect: everything that is the same for each
 * exchange is laid out; request id and date are written into their places.
 */

import { REQUEST_ID_SLOT, type RespondEffect } from '../core/effect.ts';
import type { Header } from '../core/facts.ts';
import { renderAnswer } from '../core/http1/answer.ts';
import { httpDate } from '../core/http1/date.ts';

/** Name of the header that marks an answer as ours; its value is `<rule>/<kind>`. */
export const MARKER_HEADER = 'x-injected-fault';

/** As long as every IMF-fixdate; replaced by one when the answer is written. */
const DATE_SLOT = '{{--------the-date---------}}';

export interface AnswerTemplate {
  /** What the marker says; a template serves one marker only. */
  readonly marker: string | undefined;
  readonly close: boolean;
  /** Bytes of the head, blank line included: all that a HEAD request gets. */
  readonly headLength: number;
  /** True when the answer itself says `Connection: close`. */
  readonly endsConnection: boolean;
  render(requestId: () => string, wall: number): Buffer;
}

/** Lays out the answer of `effect`. Headers of the effect win over those added here. */
export function answerTemplate(
  effect: RespondEffect,
  marker: string | undefined,
  close: boolean,
): AnswerTemplate {
  const has = (name: string): boolean => effect.headers.some(([other]) => other.toLowerCase() === name);
  const headers: Header[] = [];
  if (!has('date')) headers.push(['Date', DATE_SLOT]);
  headers.push(...effect.headers);
  if (marker !== undefined) headers.push([MARKER_HEADER, marker]);
  if (close && !has('connection')) headers.push(['Connection', 'close']);
  const bytes = renderAnswer({ status: effect.status, reason: effect.reason, headers, body: effect.body });
  const headLength = bytes.indexOf('\r\n\r\n') + 4;
  const ids = offsets(bytes, REQUEST_ID_SLOT);
  const dates = offsets(bytes.subarray(0, headLength), DATE_SLOT);
  const connection = effect.headers.find(([name]) => name.toLowerCase() === 'connection')?.[1];
  return {
    marker,
    close,
    headLength,
    endsConnection: close || (connection !== undefined && /\bclose\b/i.test(connection)),
    render(requestId, wall) {
      const out = Buffer.from(bytes);
      if (ids.length > 0) {
        const id = requestId();
        for (const at of ids) out.write(id, at, REQUEST_ID_SLOT.length, 'latin1');
      }
      for (const at of dates) out.write(httpDate(wall), at, DATE_SLOT.length, 'latin1');
      return out;
    },
  };
}

function offsets(bytes: Buffer, slot: string): number[] {
  const found: number[] = [];
  for (let at = bytes.indexOf(slot); at >= 0; at = bytes.indexOf(slot, at + slot.length)) found.push(at);
  return found;
}

/** Keeps the templates of effects for as long as the effects live. */
export class AnswerTemplates {
  readonly #kept = new WeakMap<RespondEffect, AnswerTemplate>();
  readonly #closing = new WeakMap<RespondEffect, AnswerTemplate>();

  for(effect: RespondEffect, marker: string | undefined, close: boolean): AnswerTemplate {
    const kept = close ? this.#closing : this.#kept;
    let template = kept.get(effect);
    if (template === undefined || template.marker !== marker) {
      template = answerTemplate(effect, marker, close);
      kept.set(effect, template);
    }
    return template;
  }
}
