import { describe, expect, test } from 'vitest';
import { estimateInputTokens } from './input-estimate.ts';

const text = (length: number, cached = false): object => ({
  type: 'text',
  text: 'x'.repeat(length),
  ...(cached ? { cache_control: { type: 'ephemeral' } } : {}),
});
const user = (content: unknown): object => ({ role: 'user', content });

describe('the estimate of input tokens', () => {
  test.each([
    ['a text', { messages: [user('x'.repeat(40))] }, 10],
    [
      'blocks, system and tools',
      { system: 'x'.repeat(8), messages: [user([text(40), text(4)])], tools: [{ name: 'a' }] },
      16,
    ],
    [
      'an image, of whatever size',
      { messages: [user([{ type: 'image', source: { data: 'x'.repeat(90_000) } }])] },
      1_600,
    ],
    ['a document', { messages: [user([{ type: 'document', source: { data: 'x'.repeat(90_000) } }])] }, 3_000],
    ['what a tool gave back', { messages: [user([{ type: 'tool_result', content: [text(40)] }])] }, 10],
    ['a rest of a token', { messages: [user('x')] }, 1],
  ])('%s', (_, json, tokens) => {
    expect(estimateInputTokens(json, 4)).toBe(tokens);
  });

  test('what stands before the last mark is taken for cached, if it is long enough to be', () => {
    const of = (system: object, content: object[]) =>
      estimateInputTokens({ system: [system], messages: [user(content)] }, 4);
    expect(of(text(40_000, true), [text(400)])).toBe(100);
    expect(of(text(40_000, true), [text(400, true), text(40)])).toBe(10);
    expect(of(text(40_000), [text(400)])).toBe(10_100);
    expect(of(text(4_000, true), [text(400)])).toBe(1_100);
  });

  test('characters of a token can be set', () => {
    expect(estimateInputTokens({ messages: [user('x'.repeat(40))] }, 2)).toBe(20);
  });

  test.each([
    undefined,
    null,
    3,
    'x',
    [],
    {},
    { messages: 3 },
    { messages: [null, 3, { content: null }, { content: [null, 3] }] },
  ])('what is no request weighs nothing: %j', (json) => {
    expect(estimateInputTokens(json, 4)).toBe(0);
  });
});
