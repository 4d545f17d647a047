import { expect, it } from 'vitest';
import type { Json } from '../../src/mock/json-body.ts';
import { sampleJson } from '../../src/mock/sample-json.ts';

it.each<[string, Json, unknown]>([
  ['const', { const: 5, type: 'string' }, 5],
  ['enum', { enum: ['b', 'a'] }, 'b'],
  ['examples', { type: 'string', examples: ['x'] }, 'x'],
  ['default', { type: 'integer', default: 7 }, 7],
  ['format', { type: 'string', format: 'date' }, '2026-01-01'],
  ['lengths', { type: 'string', minLength: 10, maxLength: 11 }, 'stand-in--'],
  ['a short one', { type: 'string', maxLength: 5 }, 'stand'],
  ['minimum', { type: 'number', minimum: 2.5 }, 2.5],
  ['an integer above', { type: 'integer', minimum: 2.5 }, 3],
  ['exclusive', { type: 'integer', exclusiveMinimum: 4 }, 5],
  ['maximum', { type: 'integer', maximum: -3 }, -3],
  ['multiples', { type: 'integer', minimum: 7, multipleOf: 5 }, 10],
  ['several types', { type: ['null', 'boolean'] }, true],
  ['nothing', {}, 'stand-in'],
  ['array', { type: 'array', items: { type: 'integer' } }, [1]],
  ['minItems', { type: 'array', minItems: 2, items: { type: 'boolean' } }, [true, true]],
  ['any of', { anyOf: [{ type: 'null' }, { type: 'integer' }] }, 1],
  ['one of', { oneOf: [{ const: 'a' }, { const: 'b' }] }, 'a'],
  [
    'all of',
    {
      allOf: [
        { type: 'object', properties: { a: { type: 'integer' } }, required: ['a'] },
        { properties: { b: { type: 'boolean' } }, required: ['b'] },
      ],
    },
    { a: 1, b: true },
  ],
  [
    'required alone',
    { type: 'object', properties: { a: { type: 'string' }, b: { type: 'string' } }, required: ['b'] },
    { b: 'stand-in' },
  ],
  ['all if none is required', { type: 'object', properties: { a: { type: 'null' } } }, { a: null }],
  [
    'reference',
    { $defs: { A: { type: 'integer' } }, type: 'object', properties: { a: { $ref: '#/$defs/A' } } },
    { a: 1 },
  ],
])('%s', (_, schema, expected) => {
  expect(sampleJson(schema)).toEqual(expected);
});

it('ends on schemas that hold themselves or want too much', () => {
  const node = { type: 'object', properties: { next: { $ref: '#' } }, required: ['next'] };
  expect(JSON.stringify(sampleJson(node)).length).toBeLessThan(1000);
  expect(sampleJson({ type: 'array', minItems: 1e9 })).toHaveLength(100);
  expect(sampleJson({ type: 'string', minLength: 1e9 })).toHaveLength(10_000);
});
