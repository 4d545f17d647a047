import { expect, it } from 'vitest';
import { openFilesLimit } from './open-files.ts';
import { dialProblem } from './upstream/dial.ts';

const limits = (soft: string): string =>
  `Limit                     Soft Limit           Hard Limit           Units\nMax open files            ${soft}             1048576              files\n`;

it.each([
  ['1024', 1024],
  ['unlimited', undefined],
])('a limit of %s files is read', (soft, most) => {
  expect(openFilesLimit(() => limits(soft))).toBe(most);
});

it('knows none where the system does not tell', () => {
  const none = (): string => {
    throw new Error('ENOENT');
  };
  expect([openFilesLimit(none), openFilesLimit(() => '')]).toEqual([undefined, undefined]);
});

it('a dial that fails for want of files is no failure of TLS', () => {
  const error = Object.assign(new Error('connect EMFILE'), { code: 'EMFILE' });
  const { code, message } = dialProblem({ host: 'api.test', port: 443 }, error);
  expect([code, message]).toEqual([
    'io',
    expect.stringMatching(/may not open more files \(EMFILE\): raise its limit/),
  ]);
});
