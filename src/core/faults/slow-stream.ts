/** Slows a stream down to the pace of a busy model. */
import { z } from 'zod';
import { readData, typeOf, writtenIn } from '../anthropic/stream.ts';
import { estimateTokens } from '../anthropic/stream-position.ts';
import { durationMs } from '../duration.ts';
import type { StreamFilter, StreamOp } from '../effect.ts';
import type { SseEvent } from '../sse/event.ts';
import { defineFault } from './fault.ts';
import { pass, passRest } from './point-filter.ts';

export const slowStream = defineFault({
  kind: 'slow-stream',
  phase: 'exchange',
  changes: 'timing',
  summary: 'Slow a streamed answer: time to first token, tokens per second, jitter.',
  details:
    'Events keep their order and their bytes; only deltas wait. A delta counts as one token for each four characters. ' +
    'What the upstream itself takes is not added on top. `jitter: 0.3` varies each wait by up to 30 % either way, the ' +
    'same way for the same seed.',
  params: z
    .strictObject({
      first_token: durationMs.optional().describe("From the answer's head to the first token."),
      tokens_per_second: z
        .number()
        .positive()
        .max(1_000_000)
        .optional()
        .describe('Pace of the tokens; no limit without it.'),
      jitter: z.number().min(0).max(1).default(0).describe('Share of each wait, 0 to 1.'),
    })
    .refine((params) => params.first_token !== undefined || params.tokens_per_second !== undefined, {
      error: 'give first_token or tokens_per_second',
    }),
  example: { first_token: '2s', tokens_per_second: 20, jitter: 0.3 },
  plan: (params) => (context) => [
    {
      do: 'filter',
      open: () =>
        new SlowFilter(params.first_token ?? 0, params.tokens_per_second, (lane) =>
          // 1 - jitter up to 1 + jitter
          params.jitter === 0 ? 1 : 1 + params.jitter * (2 * context.draw(lane) - 1),
        ),
    },
  ],
});

class SlowFilter implements StreamFilter {
  readonly #firstToken: number;
  readonly #perToken: number;
  readonly #vary: (lane: number) => number;
  /** When the last delta goes out; undefined before the first. May be ahead of `now`: events of one chunk come at once. */
  #last: number | undefined;
  #deltas = 0;
  #waited = 0;

  constructor(firstToken: number, tokensPerSecond: number | undefined, vary: (lane: number) => number) {
    this.#firstToken = firstToken;
    this.#perToken = tokensPerSecond === undefined ? 0 : 1000 / tokensPerSecond;
    this.#vary = vary;
  }

  onEvent(event: SseEvent, now: number): readonly StreamOp[] {
    if (typeOf(event) !== 'content_block_delta') return pass(event);
    const text = writtenIn(readData(event))?.text ?? '';
    if (text === '') return pass(event);
    const factor = this.#vary(this.#deltas++);
    const due =
      this.#last === undefined
        ? this.#firstToken * factor
        : this.#last + estimateTokens(text.length) * this.#perToken * factor;
    const free = Math.max(now, this.#last ?? now);
    this.#last = Math.max(free, due);
    const ms = this.#last - free;
    if (ms <= 0) return pass(event);
    const applied: readonly StreamOp[] =
      this.#waited++ === 0 ? [{ op: 'applied', note: `slow stream, first wait ${Math.round(ms)} ms` }] : [];
    return [...applied, { op: 'wait', ms }, ...pass(event)];
  }

  onEnd(rest: Uint8Array): readonly StreamOp[] {
    return passRest(rest);
  }

  skipped(): string | undefined {
    if (this.#waited > 0) return undefined;
    return this.#deltas === 0 ? 'the stream has no token' : 'the upstream was slower than that by itself';
  }
}
