/** Settings from `AEP_*`, and texts that become values. */
import { describe, expect, it } from 'vitest';
import { problemOf, settings } from './support.ts';

describe('the environment', () => {
  it('sets what a file could set', () => {
    const merged = settings({
      env: {
        AEP_QUIET: '1',
        AEP_MARKER: 'off',
        AEP_FOR: '90s',
        AEP_UPSTREAM: 'mock',
        AEP_ERROR_PROBABILITY: '.5',
      },
    });
    expect([merged.quiet, merged.marker, merged.forMs, merged.upstream, merged.flat.probability]).toEqual([
      true,
      false,
      90_000,
      { kind: 'mock' },
      0.5,
    ]);
  });

  it('is not read beyond AEP_', () => {
    expect(settings({ env: { PROXY_PORT: 'x', XAEP_SEED: '1', AEPSEED: '2' } }).seed).toBeUndefined();
  });

  it.each([
    ['AEP_PROXY_PROT', 'the environment variable AEP_PROXY_PROT is no setting. Did you mean AEP_PROXY_PORT?'],
    ['AEP_CONFIG', 'the environment variable AEP_CONFIG is no setting: give --config on the command line'],
    [
      'AEP_STANDALONE',
      'the environment variable AEP_STANDALONE is no setting: give --standalone on the command line',
    ],
    ['AEP_', 'the environment variable AEP_ is no setting. See --help for those that there are.'],
    ['AEP_seed', 'the environment variable AEP_seed is no setting. Did you mean AEP_SEED?'],
  ])('refuses %s', (name, sentence) => {
    expect(problemOf(() => settings({ env: { [name]: '1' } }))).toBe(sentence);
    // Even an empty one: its name is wrong.
    expect(problemOf(() => settings({ env: { [name]: '' } }))).toBe(sentence);
  });

  it.each([
    ['AEP_QUIET', 'maybe', 'AEP_QUIET must be true or false, not "maybe"'],
    ['AEP_STATUS_CODE', '5e2x', 'AEP_STATUS_CODE must be a whole number from 400 to 599, not "5e2x"'],
    ['AEP_PROXY_PORT', '0x50', /^AEP_PROXY_PORT must be a port/],
    ['AEP_HEADERS', 'no colon', "AEP_HEADERS must be 'Name: value', such as 'x-region: eu'"],
    ['AEP_TARGET_HOST', ',', /^AEP_TARGET_HOST/],
  ])('refuses %s=%s', (name, value, sentence) => {
    const message = problemOf(() => settings({ env: { [name]: value } }));
    if (typeof sentence === 'string') expect(message).toBe(sentence);
    else expect(message).toMatch(sentence);
  });
});
