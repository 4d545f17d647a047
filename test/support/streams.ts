/** Legal Messages streams of every sort, for property tests. */
import fc from 'fast-check';
import { PING, streamEvent } from '../../src/core/anthropic/stream-edit.ts';
import { encodeEvent } from '../../src/core/sse/encode.ts';
import type { SseEvent } from '../../src/core/sse/event.ts';

type Block = readonly [kind: 'text' | 'thinking' | 'tool_use', pieces: readonly string[]];

const piece = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 12 }),
  fc.constantFrom('', '{"a"', '": 1}', '你好 🙂'),
);
/** The input of a tool, in pieces that together are JSON. */
const input = fc
  .tuple(
    fc.dictionary(fc.string({ maxLength: 6 }), fc.oneof(fc.string({ maxLength: 20 }), fc.integer()), {
      maxKeys: 3,
    }),
    fc.array(fc.nat(), { maxLength: 5 }),
  )
  .map(([value, cuts]) => {
    const text = JSON.stringify(value);
    const at = cuts.map((cut) => cut % text.length).sort((a, b) => a - b);
    return [0, ...at].map((start, i) => text.slice(start, at[i] ?? text.length));
  });

const block: fc.Arbitrary<Block> = fc.oneof(
  fc.tuple(fc.constant('text' as const), fc.array(piece, { maxLength: 6 })),
  fc.tuple(fc.constant('thinking' as const), fc.array(piece, { maxLength: 4 })),
  fc.tuple(fc.constant('tool_use' as const), input),
);

const START = {
  text: { text: '' },
  thinking: { thinking: '', signature: '' },
  tool_use: { id: 'toolu_1', name: 'f', input: {} },
};
const FIELD = { text: 'text', thinking: 'thinking', tool_use: 'partial_json' };
const DELTA = { text: 'text_delta', thinking: 'thinking_delta', tool_use: 'input_json_delta' };

function write(blocks: readonly Block[], pings: readonly number[], newline: '\n' | '\r\n'): SseEvent[] {
  const events = [
    streamEvent({
      type: 'message_start',
      message: { type: 'message', usage: { input_tokens: 3, output_tokens: 1 } },
    }),
  ];
  for (const [index, [kind, pieces]] of blocks.entries()) {
    events.push(
      streamEvent({ type: 'content_block_start', index, content_block: { type: kind, ...START[kind] } }),
    );
    for (const text of pieces) {
      events.push(
        streamEvent({
          type: 'content_block_delta',
          index,
          delta: { type: DELTA[kind], [FIELD[kind]]: text },
        }),
      );
    }
    if (kind === 'thinking') {
      const delta = { type: 'signature_delta', signature: 'EqQBCgIYAhIM1gbcDa9G' };
      events.push(streamEvent({ type: 'content_block_delta', index, delta }));
    }
    events.push(streamEvent({ type: 'content_block_stop', index }));
  }
  const delta = { stop_reason: 'end_turn', stop_sequence: null };
  events.push(streamEvent({ type: 'message_delta', delta, usage: { output_tokens: 40 } }));
  events.push(streamEvent({ type: 'message_stop' }));
  const own = events.map((event) => encodeEvent(event.name, event.data, newline));
  for (const at of pings) own.splice(at % own.length, 0, encodeEvent(PING.name, PING.data, newline));
  return own;
}

/** Whole, legal streams: any blocks, any pieces, pings anywhere but at the end, LF or CRLF. */
export const legalStream: fc.Arbitrary<SseEvent[]> = fc
  .tuple(
    fc.array(block, { maxLength: 4 }),
    fc.array(fc.nat(), { maxLength: 3 }),
    fc.constantFrom('\n' as const, '\r\n' as const),
  )
  .map((parts) => write(...parts));
