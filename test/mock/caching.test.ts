import { expect, it } from 'vitest';
import { type Body, call, HI, json, user } from './calls.ts';

const LONG = 'word '.repeat(2000);
const cached = (text: string, control: Body = { type: 'ephemeral' }) => ({
  type: 'text',
  text,
  cache_control: control,
});
const usage = (body: Body) => json(call({ ...HI, ...body })).usage;
const total = (of: Body) =>
  Number(of.input_tokens) + Number(of.cache_creation_input_tokens) + Number(of.cache_read_input_tokens);

it('writes the cache in the first turn', () => {
  const first = usage({ system: [cached(LONG)] });
  expect(first).toMatchObject({
    cache_read_input_tokens: 0,
    cache_creation: { ephemeral_1h_input_tokens: 0 },
  });
  expect(first.cache_creation_input_tokens).toBeGreaterThan(1990);
  expect(first.cache_creation.ephemeral_5m_input_tokens).toBe(first.cache_creation_input_tokens);
  expect(total(first)).toBe(total(usage({ system: LONG })));
});

it('reads in later turns what stands before the breakpoint before the last', () => {
  const first = usage({ system: [cached(LONG)] });
  const messages = [user('hi'), { role: 'assistant', content: 'hello' }, user(cached(LONG))];
  const later = usage({ system: [cached(LONG)], messages });
  expect(later.cache_read_input_tokens).toBe(first.cache_creation_input_tokens);
  expect(later.cache_creation_input_tokens).toBeGreaterThan(1990);
  const once = usage({ system: [cached(LONG)], messages: messages.slice(0, 2).concat(user('x')) });
  expect(once).toMatchObject({ cache_creation_input_tokens: 0 });
  expect(once.cache_read_input_tokens).toBe(first.cache_creation_input_tokens);
});

it('knows the longer lifetime', () => {
  const hour = usage({ system: [cached(LONG, { type: 'ephemeral', ttl: '1h' })] });
  expect(hour.cache_creation).toEqual({
    ephemeral_5m_input_tokens: 0,
    ephemeral_1h_input_tokens: hour.cache_creation_input_tokens,
  });
});

it('caches everything when the request itself says so', () => {
  const all = usage({ system: LONG, cache_control: { type: 'ephemeral' } });
  expect(all.cache_creation_input_tokens).toBeGreaterThan(1990);
  expect(all.input_tokens).toBeLessThan(10);
});

it('does not cache what is short, or not marked', () => {
  expect(usage({ system: [cached('short')] })).toMatchObject({ cache_creation_input_tokens: 0 });
  expect(usage({ system: LONG })).toMatchObject({
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: 0,
  });
});
