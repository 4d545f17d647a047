import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addressText, parseHostName, parseTarget } from '../../src/ca/host-name.ts';

test('names and addresses are told apart and have one spelling', () => {
  expect(parseHostName('API.Anthropic.COM.')).toEqual({ kind: 'dns', name: 'api.anthropic.com' });
  expect(parseHostName('127.0.0.1')).toEqual({
    kind: 'ip',
    name: '127.0.0.1',
    bytes: Buffer.from([127, 0, 0, 1]),
  });
  for (const text of ['::1', '[::1]', '0:0:0:0:0:0:0:1']) {
    const bytes = Buffer.from('00000000000000000000000000000001', 'hex');
    expect(parseHostName(text)).toEqual({ kind: 'ip', name: '::1', bytes });
  }
  for (const bad of [
    '',
    'a b',
    'a..b',
    '1.2.3',
    '300.1.1.1',
    `${'a'.repeat(64)}.com`,
    'a/b',
    'ünï.com',
    ':',
    '[]',
  ]) {
    expect(parseHostName(bad)).toBeUndefined();
  }
});

test('a target loses its wildcard and its port', () => {
  expect(parseTarget('*.example.com').name).toBe('example.com');
  expect(parseTarget('api.anthropic.com:8443').name).toBe('api.anthropic.com');
  expect(parseTarget('[::1]:443').name).toBe('::1');
  expect(parseTarget('127.0.0.1:8443')).toMatchObject({ kind: 'ip', name: '127.0.0.1' });
  expect(() => parseTarget('https://api.anthropic.com')).toThrow(
    expect.objectContaining({ code: 'bad-option' }),
  );
});

test('every address survives text and bytes', () => {
  const address = fc.oneof(
    fc.uint8Array({ minLength: 4, maxLength: 4 }),
    fc.uint8Array({ minLength: 16, maxLength: 16 }),
    // Runs of zeros, which the text shortens.
    fc
      .array(fc.constantFrom(0, 0, 0, 1), { minLength: 16, maxLength: 16 })
      .map((bytes) => Uint8Array.from(bytes)),
  );
  fc.assert(
    fc.property(address, (bytes) => {
      const parsed = parseHostName(addressText(Buffer.from(bytes)));
      expect(parsed).toMatchObject({ kind: 'ip', bytes: Buffer.from(bytes) });
    }),
  );
});
