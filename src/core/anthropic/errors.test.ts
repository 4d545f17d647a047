import { describe, expect, test } from 'vitest';
import { edgeCatalogue } from './edge.ts';
import { errorByName, errorByStatus, errorByType, errorCatalogue, typeOfStatus } from './errors.ts';

test('names are unique, over both catalogues', () => {
  const names = [...errorCatalogue, ...edgeCatalogue].map(({ name }) => name);
  expect(names).toHaveLength(new Set(names).size);
});

test('is plain data', () => {
  expect(JSON.parse(JSON.stringify(errorCatalogue))).toEqual(errorCatalogue);
  expect(JSON.parse(JSON.stringify(edgeCatalogue))).toEqual(edgeCatalogue);
});

describe.each(errorCatalogue.map((error) => [error.name, error] as const))('%s', (_, error) => {
  test('claims nothing that nobody showed', () => {
    if (error.messages.length === 0) expect(error.unverified).toContain('wording');
    if (error.grade === 'unverified') expect(error.unverified).not.toEqual([]);
    expect(error.source).not.toBe('');
  });

  test('asks for a retry where the API is known to, and for one placeholder of the four at most each', () => {
    expect(error.shouldRetry).toBe(
      error.status === 400 ? false : error.status === 429 || error.status === 529 ? true : null,
    );
    for (const message of error.messages) {
      expect(message.replaceAll(/\{(model|org|limit|next_month)\}/g, '')).not.toMatch(/[{}]/);
      if (message.includes('{limit}')) expect(error.limits).toMatch(/tokens|requests/);
    }
  });
});

test('the whole 429 family can be told apart', () => {
  const family = errorCatalogue.filter(({ status }) => status === 429);
  expect(family.map(({ name }) => name)).toEqual([
    'rate-limit',
    'rate-limit-output',
    'rate-limit-requests',
    'acceleration-limit',
    'spend-cap',
    'contract-spend',
    'subscription-quota',
    'server-throttle',
    'opaque-refusal',
  ]);
  const marks = family.map(({ messages, errorCode, limits, retryAfter }) =>
    JSON.stringify([messages[0] ?? null, errorCode, limits, retryAfter]),
  );
  expect(new Set(marks).size).toBe(family.length);
  expect(family.filter(({ retryAfter }) => retryAfter).map(({ name }) => name)).toEqual([
    'rate-limit',
    'rate-limit-output',
    'rate-limit-requests',
    'acceleration-limit',
  ]);
});

test('looks up by name, status and type', () => {
  expect(errorByName('spend-cap')?.errorCode).toBe('enforced_spend_limit_reached');
  expect(errorByName('nothing')).toBeUndefined();
  expect(errorByStatus(429)?.name).toBe('rate-limit');
  expect(errorByStatus(503)).toBeUndefined();
  expect(errorByType('api_error')?.name).toBe('server-error');
  expect(errorByType('overloaded_error')?.name).toBe('overloaded');
  expect([405, 503].map(typeOfStatus)).toEqual(['invalid_request_error', 'api_error']);
});
