import { expect, it } from 'vitest';
import { LISTED_MODELS } from '../../src/mock/models.ts';
import { call, json, refusal } from './calls.ts';

const get = (target: string) => ({ method: 'GET', target });
const page = (query = '') => json(call(undefined, get(`/v1/models${query}`)));
const ids = (of: { data: { id: string }[] }) => of.data.map(({ id }) => id);

it('lists every model on one page', () => {
  const all = page('?limit=1000');
  expect(ids(all)).toEqual(LISTED_MODELS);
  expect(all).toMatchObject({
    has_more: false,
    first_id: LISTED_MODELS[0],
    last_id: LISTED_MODELS.at(-1),
  });
});

it('walks forward page by page', () => {
  const seen: string[] = [];
  let query = '?limit=4';
  for (;;) {
    const next = page(query);
    seen.push(...ids(next));
    expect(next.data.length).toBe(next.has_more ? 4 : LISTED_MODELS.length % 4 || 4);
    if (!next.has_more) break;
    query = `?limit=4&after_id=${next.last_id}`;
  }
  expect(seen).toEqual(LISTED_MODELS);
});

it('walks backward page by page', () => {
  const last = LISTED_MODELS.at(-1);
  const before = page(`?limit=4&before_id=${last}`);
  expect(ids(before)).toEqual(LISTED_MODELS.slice(-5, -1));
  expect(before.has_more).toBe(true);
  const first = page(`?limit=4&before_id=${LISTED_MODELS[2]}`);
  expect(ids(first)).toEqual(LISTED_MODELS.slice(0, 2));
  expect(first.has_more).toBe(false);
});

it('has an empty page behind the last', () => {
  expect(page(`?after_id=${LISTED_MODELS.at(-1)}`)).toEqual({
    data: [],
    has_more: false,
    first_id: null,
    last_id: null,
  });
});

it.each([
  ['limit=0', 'limit: Input should be greater than or equal to 1'],
  ['limit=1001', 'limit: Input should be less than or equal to 1000'],
  ['limit=x', 'limit: Input should be a valid integer'],
  ['after_id=claude-nope', 'after_id: no model has this id'],
])('refuses ?%s', (query, message) => {
  expect(refusal(undefined, get(`/v1/models?${query}`))).toBe(`400 invalid_request_error: ${message}`);
});

it('describes one model, listed or only plausible', () => {
  expect(json(call(undefined, get('/v1/models/claude-haiku-4-5-20251001')))).toMatchObject({
    type: 'model',
    id: 'claude-haiku-4-5-20251001',
    display_name: 'Claude Haiku 4.5',
    created_at: '2025-10-01T00:00:00Z',
    max_input_tokens: 200_000,
    max_tokens: 64_000,
  });
  expect(json(call(undefined, get('/v1/models/claude-opus-9')))).toMatchObject({
    display_name: 'Claude Opus 9',
  });
  expect(refusal(undefined, get('/v1/models/claude-nope'))).toBe('404 not_found_error: model: claude-nope');
});
