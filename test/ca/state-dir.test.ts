import { expect, test } from 'vitest';
import { defaultStateDir } from '../../src/ca/state-dir.ts';

test.each([
  {
    platform: 'linux',
    env: {},
    home: '/home/ada',
    expected: '/home/ada/.local/state/anthropic-error-plugin',
  },
  {
    platform: 'linux',
    env: { XDG_STATE_HOME: '/s' },
    home: '/home/ada',
    expected: '/s/anthropic-error-plugin',
  },
  {
    platform: 'linux',
    env: { XDG_STATE_HOME: 'relative' },
    home: '/home/ada',
    expected: '/home/ada/.local/state/anthropic-error-plugin',
  },
  {
    platform: 'freebsd',
    env: { XDG_STATE_HOME: '' },
    home: '/home/ada',
    expected: '/home/ada/.local/state/anthropic-error-plugin',
  },
  {
    platform: 'darwin',
    env: { XDG_STATE_HOME: '/s' },
    home: '/Users/ada',
    expected: '/Users/ada/Library/Application Support/anthropic-error-plugin',
  },
  {
    platform: 'win32',
    env: { LOCALAPPDATA: 'D:\\Local' },
    home: 'C:\\Users\\ada',
    expected: 'D:\\Local\\anthropic-error-plugin',
  },
  {
    platform: 'win32',
    env: {},
    home: 'C:\\Users\\ada',
    expected: 'C:\\Users\\ada\\AppData\\Local\\anthropic-error-plugin',
  },
])('$platform $env: $expected', ({ expected, ...inputs }) => {
  expect(defaultStateDir(inputs)).toBe(expected);
});
