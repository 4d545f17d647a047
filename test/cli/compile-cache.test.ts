/** Where compiled code is kept: in the user's own cache, or nowhere. */
import { expect, it } from 'vitest';
import { compileCacheDir } from '../../src/cli/compile-cache.ts';

it('is the cache folder of the platform', () => {
  expect(compileCacheDir('linux', {}, '/home/ada')).toBe('/home/ada/.cache/anthropic-error-plugin/compiled');
  expect(compileCacheDir('linux', { XDG_CACHE_HOME: '/var/ada' }, '/home/ada')).toBe(
    '/var/ada/anthropic-error-plugin/compiled',
  );
  expect(compileCacheDir('darwin', { XDG_CACHE_HOME: '/var/ada' }, '/Users/ada')).toBe(
    '/Users/ada/Library/Caches/anthropic-error-plugin/compiled',
  );
});

it('is nowhere without a home, and never below the working directory', () => {
  expect(compileCacheDir('linux', {}, '')).toBeUndefined();
  expect(compileCacheDir('linux', { XDG_CACHE_HOME: 'cache' }, '')).toBeUndefined();
  expect(compileCacheDir('linux', { XDG_CACHE_HOME: 'cache' }, '/home/ada')).toBe(
    '/home/ada/.cache/anthropic-error-plugin/compiled',
  );
});
