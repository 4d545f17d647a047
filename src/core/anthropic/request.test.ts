import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readBody } from './request.ts';

const body = (value: unknown) => readBody(new TextEncoder().encode(JSON.stringify(value)), 'held');

test('reads what a call to Messages says', () => {
  const facts = body({
    model: 'claude-sonnet-4-5',
    max_tokens: 1024,
    stream: true,
    thinking: { type: 'enabled', budget_tokens: 2000 },
    tools: [{ name: 'bash' }, { type: 'web_search_20250305', name: 'web_search' }, { name: 7 }, null],
    messages: [{ role: 'user', content: 'hi' }],
  });
  expect(facts).toMatchObject({
    state: 'held',
    model: 'claude-sonnet-4-5',
    maxTokens: 1024,
    stream: true,
    thinking: true,
    tools: ['bash', 'web_search'],
    messages: 1,
  });
});

test('says nothing of what is not there or of another type', () => {
  const facts = body({ model: 7, max_tokens: '1', stream: 'yes', tools: {}, messages: 'x', thinking: true });
  expect([facts.model, facts.maxTokens, facts.stream, facts.tools, facts.messages, facts.thinking]).toEqual([
    undefined,
    undefined,
    undefined,
    [],
    0,
    false,
  ]);
  expect(body({ thinking: { type: 'disabled' } }).thinking).toBe(false);
  expect(body(null).model).toBeUndefined();
  expect(body([{ model: 'x' }]).model).toBeUndefined();
});

test('an inherited name is no field', () => {
  expect(readBody(new TextEncoder().encode('{"__proto__":{"model":"x"}}'), 'held').model).toBeUndefined();
});

describe('state', () => {
  test.each(['none', 'unread', 'truncated', 'unreadable'] as const)(
    '%s is kept, and nothing is parsed',
    (state) => {
      const facts = readBody(new TextEncoder().encode('{"model":"x"}'), state);
      expect([facts.state, facts.json, facts.model]).toEqual([state, undefined, undefined]);
    },
  );

  test('held becomes unreadable when it is no JSON or no UTF-8', () => {
    expect(readBody(new TextEncoder().encode('{"model":'), 'held').state).toBe('unreadable');
    expect(readBody(Uint8Array.of(0x22, 0xff, 0x22), 'held').state).toBe('unreadable');
    expect(readBody(null, 'held').state).toBe('none');
  });

  test('a body is parsed once, when first asked', () => {
    const facts = body({ model: 'x' });
    expect(facts.json).toBe(facts.json);
  });
});

describe('opening', () => {
  const first = { role: 'user', content: 'hello' };

  test('is the same as a conversation grows and its cache marks move', () => {
    const start = body({
      system: [{ type: 'text', text: 'Be kind.' }],
      messages: [
        { role: 'user', content: [{ type: 'text', text: 'hello', cache_control: { type: 'ephemeral' } }] },
      ],
    });
    const later = body({
      system: 'Be kind.',
      messages: [first, { role: 'assistant', content: 'hi' }, { role: 'user', content: 'more' }],
    });
    expect(start.opening).toBe(later.opening);
  });

  test('differs with the system prompt and with the first message', () => {
    const openings = [
      body({ messages: [first] }),
      body({ system: 'x', messages: [first] }),
      body({ messages: [{ role: 'user', content: 'other' }] }),
      body({ system: 'hello' }),
    ].map(({ opening }) => opening);
    expect(new Set(openings).size).toBe(4);
  });

  test('is undefined where there is no text', () => {
    expect(body({ messages: [] }).opening).toBeUndefined();
    expect(body({ messages: [{ content: [{ type: 'image' }] }] }).opening).toBeUndefined();
  });
});

test('nothing makes it throw', () => {
  const read = (bytes: Uint8Array): void => {
    const facts = readBody(bytes, 'held');
    for (const key of [
      'state',
      'json',
      'model',
      'stream',
      'maxTokens',
      'tools',
      'messages',
      'thinking',
      'opening',
    ] as const) {
      void facts[key];
    }
  };
  fc.assert(fc.property(fc.uint8Array({ maxLength: 64 }), read));
  fc.assert(fc.property(fc.jsonValue(), (value) => read(new TextEncoder().encode(JSON.stringify(value)))));
  const anyField = fc.dictionary(
    fc.constantFrom('model', 'tools', 'system', 'messages', 'thinking'),
    fc.jsonValue(),
  );
  fc.assert(fc.property(anyField, (value) => read(new TextEncoder().encode(JSON.stringify(value)))));
  read(new TextEncoder().encode('['.repeat(200_000)));
});
