import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { filterOf, rewritten } from '../../../test/support/plan.ts';
import { eventsOf, fixture, play } from '../../../test/support/play.ts';
import { stopReason } from './stop-reason.ts';

const TOOL = eventsOf(fixture('tool-use'));
const THINKING = eventsOf(fixture('thinking'));

type Params = z.input<typeof stopReason.params>;

/** Data of the events that the fault adds at the end. */
function ending(params: Params, events = TOOL): unknown[] {
  const { ops } = play(filterOf(stopReason, params), events);
  const from = ops.findIndex(({ op }) => op === 'applied');
  return ops.slice(from).flatMap((op) => (op.op === 'emit' ? [JSON.parse(op.event.data!)] : []));
}

describe('stop-reason on a stream', () => {
  it('closes the block in the middle of a tool call', () => {
    const played = play(filterOf(stopReason, { reason: 'max_tokens', inside: 'tool_use 3' }), TOOL);
    const pieces = eventsOf(played.bytes).flatMap(
      (event) => JSON.parse(event.data!).delta?.partial_json ?? [],
    );
    expect(pieces.join('')).toBe('{"location": "San Francisc');
    expect(ending({ reason: 'max_tokens', inside: 'tool_use 3' })).toEqual([
      { type: 'content_block_stop', index: 1 },
      {
        type: 'message_delta',
        delta: { stop_reason: 'max_tokens', stop_sequence: null },
        // 31 characters of text and 26 of input
        usage: { output_tokens: 15 },
      },
      { type: 'message_stop' },
    ]);
    expect(played).toMatchObject({ end: 'clean', notes: ['stop_reason max_tokens'] });
  });

  it('opens no block and closes none between two', () => {
    const [first] = ending({ reason: 'pause_turn', after: { content_block_stop: 0 } }) as [{ type: string }];
    expect(first.type).toBe('message_delta');
  });

  it('closes the block in front of whose end it acts', () => {
    const [first] = ending({ reason: 'refusal', before: 'content_block_stop 0' }, THINKING);
    expect(first).toEqual({ type: 'content_block_stop', index: 0 });
  });

  it('says why it refused', () => {
    expect(ending({ reason: 'refusal' })[1]).toMatchObject({
      delta: {
        stop_reason: 'refusal',
        stop_details: { type: 'refusal', category: null, explanation: null },
      },
    });
  });

  it('changes the reason alone where the content is kept', () => {
    const played = play(
      filterOf(stopReason, { reason: 'model_context_window_exceeded', keep_content: true }),
      TOOL,
    );
    const was = TOOL.map((event) => event.data!.replaceAll(' ', ''));
    const is = eventsOf(played.bytes).map((event) => event.data!.replaceAll(' ', ''));
    expect(is).toEqual(
      was.map((data) =>
        data.replace('"stop_reason":"tool_use"', '"stop_reason":"model_context_window_exceeded"'),
      ),
    );
    expect(played.end).toBeUndefined();
  });

  it('takes a place or keeps the content', () => {
    const both = stopReason.params.safeParse({ reason: 'refusal', keep_content: true, inside: 'text' });
    expect(both.error?.issues[0]?.message).toBe(
      'keep_content leaves the content whole: give no place with it',
    );
  });
});

describe('stop-reason on a JSON answer', () => {
  const message = {
    type: 'message',
    content: [
      { type: 'thinking', thinking: 'x'.repeat(10), signature: 's' },
      { type: 'text', text: 'y'.repeat(20) },
      { type: 'tool_use', name: 'f', input: { long: 'z'.repeat(50) } },
    ],
    stop_reason: 'tool_use',
    stop_sequence: null,
    usage: { input_tokens: 3, output_tokens: 40 },
  };
  const cut = (params: Params) => JSON.parse(rewritten(stopReason, params, message).text);

  it.each<[Params, unknown[], number]>([
    [
      { reason: 'max_tokens', after: { text: 15 } },
      [{ thinking: 'x'.repeat(10) }, { text: 'y'.repeat(5) }],
      4,
    ],
    [{ reason: 'max_tokens', after: { tokens: 2 } }, [{ thinking: 'x'.repeat(8) }], 2],
    [{ reason: 'max_tokens', after: { text: 31 } }, [{}, {}, { type: 'tool_use', input: {} }], 8],
    [{ reason: 'max_tokens', after: { text: 999 } }, message.content, 23],
  ])('%o', (params, content, tokens) => {
    const { content: is, stop_reason, usage } = cut(params);
    expect(is).toHaveLength(content.length);
    expect(is).toMatchObject(content);
    expect([stop_reason, usage]).toEqual(['max_tokens', { input_tokens: 3, output_tokens: tokens }]);
  });

  it('cuts to half without a place that JSON has', () => {
    const { content } = cut({ reason: 'refusal', before: 'message_stop' });
    // 10 + 20 characters, and 61 of input as JSON: 45 of 91
    expect(content.at(-1)).toMatchObject({ type: 'tool_use', input: {} });
  });

  it('keeps nothing behind the cut, however small', () => {
    const content = [
      { type: 'text', text: 'abcd' },
      { type: 'redacted_thinking', data: 'x' },
    ];
    const { text } = rewritten(
      stopReason,
      { reason: 'max_tokens', after: { text: 4 } },
      { ...message, content },
    );
    expect(JSON.parse(text).content).toEqual([content[0]]);
  });

  it('keeps the content where it is told to', () => {
    expect(cut({ reason: 'end_turn', keep_content: true })).toEqual({ ...message, stop_reason: 'end_turn' });
  });

  it('leaves alone what is no message', () => {
    const result = rewritten(stopReason, { reason: 'refusal' }, '[1]');
    expect([result.text, result.skipped]).toEqual(['[1]', 'the answer is no message of the API']);
  });
});
