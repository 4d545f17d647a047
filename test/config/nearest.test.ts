import { describe, expect, it } from 'vitest';
import { FLAGS } from '../../src/config/flags.ts';
import { didYouMean, nearest } from '../../src/config/nearest.ts';

const names = FLAGS.map(({ name }) => name);

describe('nearest', () => {
  it.each([
    ['--eror-probability', '--error-probability'],
    ['--error_probability', '--error-probability'],
    ['--probability', '--error-probability'],
    ['--status', '--status-code'],
    ['--Seed', '--seed'],
    ['--sede', '--seed'],
    ['--proxyport', '--proxy-port'],
    ['--target', '--target-host'],
    ['--upstream-prox', '--upstream-proxy'],
    ['--headers', '--header'],
    ['--max-error', '--max-errors'],
    ['--verbos', '--verbose'],
  ])('finds what %s was meant to be', (typed, meant) => {
    expect(nearest(typed, names)).toBe(meant);
  });

  it.each(['--xyzzy', '--', '', '--kubernetes'])('finds nothing for %j', (typed) => {
    expect(nearest(typed, names)).toBeUndefined();
    expect(didYouMean(typed, names)).toBe('');
  });

  it('gives the name as it is spelled', () => {
    expect(didYouMean('AEP_SEDE', ['AEP_SEED', 'AEP_PORT'])).toBe(' Did you mean AEP_SEED?');
  });
});
