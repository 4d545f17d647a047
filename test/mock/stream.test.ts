import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Body, call, frames, HI, json, user, WEATHER } from './calls.ts';
import { assemble } from './stream-grammar.ts';

const requests: fc.Arbitrary<Body> = fc.record({
  model: fc.constant('claude-opus-5-5'),
  max_tokens: fc.oneof(fc.integer({ min: 1, max: 200 }), fc.constant(5000)),
  messages: fc
    .oneof(
      fc.string({ unit: 'grapheme', minLength: 1 }),
      fc.constantFrom('words=1', 'tool=get_weather', 'words=300'),
    )
    .map((text) => [user(text)]),
  tools: fc.constant([WEATHER]),
  tool_choice: fc.constantFrom({ type: 'auto' }, { type: 'any' }, { type: 'none' }),
  thinking: fc.constantFrom(
    { type: 'disabled' },
    { type: 'adaptive' },
    { type: 'adaptive', display: 'omitted' },
  ),
  stop_sequences: fc.constantFrom([], ['stand-in'], ['This'], ['wire']),
});

describe('a stream', () => {
  it('obeys the grammar and adds up to the whole answer, whatever was asked', () => {
    fc.assert(
      fc.property(requests, (body) => {
        const message = assemble(frames(call({ ...body, stream: true })));
        const whole = json(call(body));
        expect({ ...message, id: whole.id, content: unsigned(message) }).toEqual({
          ...whole,
          content: unsigned(whole),
        });
      }),
      { numRuns: 300 },
    );
  });

  it('sends one ping, after the first block has started', () => {
    const names = frames(call({ ...HI, stream: true, thinking: { type: 'adaptive' } })).map(
      (frame) => frame.event,
    );
    expect(names.slice(0, 3)).toEqual(['message_start', 'content_block_start', 'ping']);
    expect(names.filter((name) => name === 'ping')).toHaveLength(1);
  });

  it('carries every output token once, in small deltas', () => {
    const body = { ...HI, stream: true, max_tokens: 300, messages: [user('words=1000')] };
    for (const thinking of [undefined, { type: 'adaptive' }, { type: 'adaptive', display: 'omitted' }]) {
      const all = frames(call({ ...body, thinking }));
      expect(all.reduce((sum, frame) => sum + frame.tokens, 0)).toBe(300);
      const deltas = all.filter((frame) => frame.data.includes('text_delta'));
      expect(Math.max(...deltas.map((frame) => frame.tokens))).toBe(3);
    }
  });

  it('pads with spaces before the last brace, and never a ping', () => {
    const padded = frames(call({ ...HI, stream: true }));
    const plain = frames(call({ ...HI, stream: true }, { padding: false }));
    expect(plain.some(({ data }) => / \}$/.test(data))).toBe(false);
    expect(padded.map(({ data }) => data.replace(/ *\}$/, '}'))).toEqual(plain.map(({ data }) => data));
    const widths = padded.map(({ data }) => / *(?=\}$)/.exec(data)?.[0].length);
    expect(new Set(widths).size).toBeGreaterThan(8);
    expect(padded.find(({ event }) => event === 'ping')?.data).toBe('{"type": "ping"}');
  });

  it('opens the input of a tool with an empty fragment, and cuts it at max_tokens', () => {
    const body = { ...HI, stream: true, tools: [WEATHER], tool_choice: { type: 'any' }, max_tokens: 4 };
    const fragments = frames(call(body))
      .filter(({ event }) => event === 'content_block_delta')
      .map(({ data }) => JSON.parse(data).delta.partial_json);
    expect(fragments[0]).toBe('');
    expect(fragments.join('')).toBe('{"city"');
  });
});

describe('the grammar of these tests', () => {
  const legal = frames(call({ ...HI, stream: true }));
  const at = (name: string) => legal.findIndex(({ event }) => event === name);
  it.each<[string, typeof legal]>([
    ['no end', legal.slice(0, -1)],
    ['no start', legal.slice(1)],
    ['a second start', [legal[0]!, ...legal]],
    ['an event after the end', [...legal, legal.at(-1)!]],
    ['no start of a block', legal.toSpliced(at('content_block_start'), 1)],
    ['no stop of a block', legal.toSpliced(at('content_block_stop'), 1)],
    ['no message_delta', legal.toSpliced(at('message_delta'), 1)],
  ])('refuses: %s', (_, illegal) => {
    expect(() => assemble(illegal)).toThrow('illegal');
  });
});

/** Signatures and tool ids belong to the request's bytes, which differ by `stream`. */
function unsigned(message: Body): Body[] {
  return (message.content as Body[]).map(({ signature: _, id: __, ...rest }) => rest);
}
