import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { effectsOf, filterOf, rewritten } from '../../../test/support/plan.ts';
import { eventsOf, fixture, type Played, play } from '../../../test/support/play.ts';
import { legalStream } from '../../../test/support/streams.ts';
import { streamEvent } from '../anthropic/stream-edit.ts';
import type { SseEvent } from '../sse/event.ts';
import { toolJson } from './tool-json.ts';

const TOOL = eventsOf(fixture('tool-use'));
const INPUT = '{"location": "San Francisco, CA", "unit": "c"}';

/** Tool calls that a client puts together from a stream: name and input text, in order. */
function calls(bytes: Uint8Array): [string, string][] {
  const blocks = new Map<number, [string, string]>();
  for (const event of eventsOf(bytes)) {
    const data = JSON.parse(event.data!);
    if (data.content_block?.type === 'tool_use') blocks.set(data.index, [data.content_block.name, '']);
    const block = blocks.get(data.index);
    if (block && data.delta?.type === 'input_json_delta') block[1] += data.delta.partial_json;
  }
  return [...blocks.values()];
}

function spoil(params: z.input<typeof toolJson.params>, events: readonly SseEvent[] = TOOL): Played {
  return play(filterOf(toolJson, params), events);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** A message with one tool call, its input in the given pieces. */
function call(...pieces: string[]): SseEvent[] {
  return [
    streamEvent({ type: 'message_start', message: {} }),
    streamEvent({ type: 'content_block_start', index: 0, content_block: { type: 'tool_use', name: 'f' } }),
    ...pieces.map((partial_json) =>
      streamEvent({
        type: 'content_block_delta',
        index: 0,
        delta: { type: 'input_json_delta', partial_json },
      }),
    ),
    streamEvent({ type: 'content_block_stop', index: 0 }),
  ];
}

describe('tool-json on a stream', () => {
  it.each([
    [0, ''],
    [5, INPUT.slice(0, 5)],
    [12, INPUT.slice(0, 12)],
    [30, INPUT.slice(0, 30)],
    [45, INPUT.slice(0, 45)],
    [46, INPUT.slice(0, 45)],
    [999, INPUT.slice(0, 45)],
  ])('cuts the first input at %i characters, never whole', (keep, text) => {
    const played = spoil({ keep });
    expect(calls(played.bytes)).toEqual([
      ['get_weather', text],
      ['get_time', '{}'],
    ]);
    expect(played.notes).toEqual(['tool call: cut']);
    expect(played.names.at(-1)).toBe('message_stop');
  });

  it('takes out the first quotation mark', () => {
    expect(calls(spoil({ how: 'corrupt' }).bytes)[0]).toEqual(['get_weather', INPUT.replace('"', '')]);
    // Nothing to take out of an empty object: a brace too many.
    expect(calls(spoil({ how: 'corrupt', tool: 'get_time' }).bytes)[1]).toEqual(['get_time', '{}}']);
  });

  it('puts in an input that fits no tool', () => {
    expect(calls(spoil({ how: 'wrong-input' }).bytes)[0]).toEqual([
      'get_weather',
      '{"unexpected_field":true}',
    ]);
    expect(calls(spoil({ how: 'wrong-input' }, call()).bytes)).toEqual([['f', '{"unexpected_field":true}']]);
  });

  it('names a tool that does not exist', () => {
    expect(calls(spoil({ how: 'unknown-tool' }).bytes).map(([name]) => name)).toEqual([
      'no_such_tool',
      'get_time',
    ]);
    const named = spoil({ how: 'unknown-tool', tool: 'get_time', name: 'rm' });
    expect(calls(named.bytes).map(([name]) => name)).toEqual(['get_weather', 'rm']);
  });

  it('always leaves JSON that does not parse, or valid JSON for wrong-input', () => {
    const how = fc.constantFrom('cut', 'corrupt', 'wrong-input' as const);
    fc.assert(
      fc.property(legalStream, how, fc.nat({ max: 40 }), (events, how, keep) => {
        const played = spoil({ how, keep }, events);
        if (played.skipped !== undefined) return;
        const before = calls(Buffer.concat(events.map(({ raw }) => raw)));
        const behind = calls(played.bytes);
        expect(isJson(behind[0]![1])).toBe(how === 'wrong-input');
        expect(behind.slice(1)).toEqual(before.slice(1));
      }),
      { numRuns: 400 },
    );
  });

  it('cuts also where an empty piece follows the last', () => {
    expect(calls(spoil({ keep: 99 }, call('{"a":1}', '')).bytes)).toEqual([['f', '{"a":1']]);
    expect(calls(spoil({ keep: 99 }, call('{"a":1', '}', '', '')).bytes)).toEqual([['f', '{"a":1']]);
  });

  it('leaves alone what is of another block, even in its midst', () => {
    const [start, open, piece, stop] = call('{"a":1}');
    const foreign = streamEvent({
      type: 'content_block_delta',
      index: 7,
      delta: { type: 'input_json_delta', partial_json: '{}' },
    });
    const { ops } = spoil({ keep: 3 }, [start!, open!, foreign, piece!, foreign, stop!]);
    expect(ops.filter((op) => op.op === 'emit' && op.event === foreign)).toHaveLength(2);
    expect(calls(spoil({ keep: 3 }, [start!, open!, foreign, piece!, stop!]).bytes)).toEqual([['f', '{"a']]);
  });

  it('is skipped where there is nothing to spoil', () => {
    expect(spoil({}, eventsOf(fixture('text'))).skipped).toBe('the answer has no tool call');
    expect(spoil({ tool: 'x' }).skipped).toBe('the answer has no call of tool x');
    expect(spoil({}, call()).skipped).toBe('the tool call has no input');
    expect(spoil({}, call('').slice(0, 3)).skipped).toBe('the stream ended inside the tool call');
    // A server's own tool is no call to the client.
    expect(spoil({}, eventsOf(fixture('server-tool'))).skipped).toBe('the answer has no tool call');
  });

  it('gives back what it held when the stream breaks off', () => {
    const events = call('{"a"').slice(0, 3);
    expect(
      spoil({ keep: 99 }, events).bytes.equals(Buffer.concat(events.map(({ raw }) => raw as Buffer))),
    ).toBe(true);
  });
});

describe('tool-json on a JSON answer', () => {
  const message = {
    type: 'message',
    content: [
      { type: 'text', text: 'a' },
      { type: 'tool_use', id: 't', name: 'f', input: { a: 1 } },
    ],
  };

  it('changes name or input', () => {
    expect(JSON.parse(rewritten(toolJson, { how: 'unknown-tool' }, message).text).content[1].name).toBe(
      'no_such_tool',
    );
    expect(JSON.parse(rewritten(toolJson, { how: 'wrong-input' }, message).text).content[1].input).toEqual({
      unexpected_field: true,
    });
  });

  it('is skipped without a call', () => {
    expect(rewritten(toolJson, { how: 'wrong-input', tool: 'g' }, message).skipped).toBe(
      'the answer has no call of tool g',
    );
    expect(rewritten(toolJson, { how: 'wrong-input' }, { type: 'error' }).skipped).toBe(
      'the answer is no message of the API',
    );
  });

  it('does not pretend to cut an object', () => {
    expect(effectsOf(toolJson, { how: 'cut' }).map((effect) => effect.do)).toEqual(['filter']);
  });
});
