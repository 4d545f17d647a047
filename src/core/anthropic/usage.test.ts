import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { JsonMember } from './json-member.ts';
import { usageScan } from './usage.ts';

/** The text in pieces, cut at the given shares of its length. */
function pieces(text: string, cuts: readonly number[]): Buffer[] {
  const bytes = Buffer.from(text);
  const at = [0, ...cuts.map((cut) => Math.floor(cut * bytes.length)).sort((a, b) => a - b), bytes.length];
  return at.slice(1).map((end, i) => bytes.subarray(at[i], end));
}

const cuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 12 });

describe('one member of a JSON object', () => {
  const nasty = fc.constantFrom('usage', '"usage":{', '\\', '"', '{', '}', '],', '"usage\\"', 'é🙂');
  const json = fc.jsonValue({ maxDepth: 4, noUnicodeString: false } as object);
  const body = fc.dictionary(
    fc.oneof(nasty, fc.string()),
    fc.oneof(json, nasty, fc.constant({ usage: { a: 1 } })),
  );

  test('is what JSON.parse finds, however the text is cut and spaced', () => {
    fc.assert(
      fc.property(
        body,
        fc.option(fc.dictionary(fc.string(), json)),
        cuts,
        fc.constantFrom(0, 1, 3),
        (rest, usage, at, space) => {
          const object = usage === null ? rest : { ...rest, usage };
          const member = new JsonMember('usage');
          for (const piece of pieces(JSON.stringify(object, null, space), at)) member.push(piece);
          const expected: unknown = JSON.parse(JSON.stringify(object)).usage;
          const isObject = typeof expected === 'object' && expected !== null && !Array.isArray(expected);
          expect(member.text === undefined ? undefined : JSON.parse(member.text)).toEqual(
            isObject ? expected : undefined,
          );
        },
      ),
      { numRuns: 500 },
    );
  });

  test('of whatever bytes, nothing is thrown and little is held', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        new JsonMember('usage').push(bytes);
      }),
    );
    const member = new JsonMember('usage');
    member.push(Buffer.from('{"usage":{"a":"'));
    for (let i = 0; i < 100; i++) member.push(Buffer.alloc(10_000, 'x'));
    member.push(Buffer.from('"}}'));
    expect(member.text).toBeUndefined();
  });
});

const EVENT = (name: string, data: object): string => `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
const START = EVENT('message_start', {
  type: 'message_start',
  message: {
    id: 'msg_1',
    usage: {
      input_tokens: 25,
      cache_creation_input_tokens: 7,
      cache_read_input_tokens: 900,
      output_tokens: 1,
    },
  },
});
const TEXT = EVENT('content_block_delta', {
  type: 'content_block_delta',
  delta: { usage: { output_tokens: 5 } },
});

function scan(type: string, parts: readonly Uint8Array[]) {
  const reader = usageScan(type)!;
  for (const part of parts) reader.push(part);
  return reader.usage;
}

describe('usage of a stream', () => {
  test('is what message_start said, with what message_delta says in its place, however it is cut', () => {
    const delta = EVENT('message_delta', {
      type: 'message_delta',
      delta: { stop_reason: 'end_turn' },
      usage: { output_tokens: 42, input_tokens: null, cache_read_input_tokens: 901 },
    });
    fc.assert(
      fc.property(cuts, (at) => {
        expect(scan('text/event-stream; charset=utf-8', pieces(START + TEXT + delta, at))).toEqual({
          inputTokens: 25,
          outputTokens: 42,
          cacheReadTokens: 901,
          cacheCreationTokens: 7,
        });
      }),
    );
  });

  test('of several message_delta the last counts; of a cut stream what came', () => {
    const delta = (n: number) => EVENT('message_delta', { usage: { output_tokens: n } });
    const of = (text: string) => scan('text/event-stream', [Buffer.from(text)])?.outputTokens;
    expect(of(START + delta(10) + delta(20))).toBe(20);
    expect(of(START + TEXT)).toBe(1);
    expect(of(START.slice(0, -1))).toBeUndefined();
    expect(of(START + delta(10).slice(0, -20))).toBe(1);
  });

  test('survives events that are not what they should be', () => {
    const odd = [
      'not json',
      '[]',
      'null',
      '{"message":3}',
      '{"usage":{"output_tokens":"9"}}',
      '{"usage":[1]}',
    ];
    const text = odd.map((data) => `event: message_delta\ndata: ${data}\n\n`).join('');
    expect(scan('text/event-stream', [Buffer.from(text)])).toBeUndefined();
    expect(scan('text/event-stream', [Buffer.from(START + text)])?.inputTokens).toBe(25);
  });
});

test('usage of a message', () => {
  const body = {
    content: [{ type: 'tool_use', input: { usage: { input_tokens: 1 } } }],
    usage: { input_tokens: 3, output_tokens: 4 },
  };
  expect(scan('application/json', [Buffer.from(JSON.stringify(body))])).toEqual({
    inputTokens: 3,
    outputTokens: 4,
    cacheReadTokens: 0,
    cacheCreationTokens: 0,
  });
  expect(scan('application/json', [Buffer.from('{"input_tokens":3}')])).toBeUndefined();
  expect(usageScan('text/html')).toBeUndefined();
});
