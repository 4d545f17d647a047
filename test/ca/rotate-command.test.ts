import { homedir } from 'node:os';
import { expect, test } from 'vitest';
import { rotateCommand } from '../../src/ca/rotate-command.ts';
import { defaultStateDir } from '../../src/ca/state-dir.ts';

test('it names targets, and the directory only where it is not the usual one', () => {
  const usual = defaultStateDir({ platform: process.platform, env: process.env, home: homedir() });
  expect(rotateCommand(usual)).toBe('ca rotate');
  expect(rotateCommand(usual, ['a.example', '*.b.example'])).toBe(
    "ca rotate --target-host a.example --target-host '*.b.example'",
  );
  expect(rotateCommand('/my state', ['a.example'])).toBe(
    "ca rotate --target-host a.example --state-dir '/my state'",
  );
});
