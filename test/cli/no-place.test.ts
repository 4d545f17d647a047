/** Places that are none: a working directory that was deleted, and file systems in which no folder can be made. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { bareEnvironment } from '../clients/support/bare-environment.ts';
import { buildProgram } from './built-program.ts';

let main: string;
beforeAll(async () => {
  main = await buildProgram();
}, 60_000);

/** @param script what a shell does in a folder of its own, `"$@"` being the program */
function inShell(script: string, args: readonly string[]) {
  const folder = mkdtempSync(join(tmpdir(), 'aep-no-place-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return spawnSync('/bin/sh', ['-c', script, 'sh', process.execPath, main, ...args], {
    cwd: folder,
    env: { ...bareEnvironment(), HOME: folder, XDG_STATE_HOME: folder },
    encoding: 'utf8',
    // One that hangs is ended, and has no exit code then.
    timeout: 20_000,
    killSignal: 'SIGKILL',
  });
}

// Neither lets anybody make anything.
describe.runIf(process.platform === 'linux')('a file system that makes no folders', () => {
  it.each([
    ['/proc/anthropic-error-plugin', ['ca', 'path']],
    ['/proc/self/anthropic-error-plugin/below', ['--standalone', '--proxy-port', '0']],
  ])(
    'is refused as state directory: %s',
    (place, args) => {
      const { status, stderr } = inShell('exec "$@"', [...args, '--state-dir', place]);
      expect(stderr).toBe(
        `error: Cannot use the state directory ${place}: no directory can be made there; choose another directory with --state-dir.\n`,
      );
      expect(status).toBe(2);
    },
    30_000,
  );
});

describe.skipIf(process.platform === 'win32')('a working directory that was deleted', () => {
  const GONE = 'mkdir gone && cd gone && rmdir ../gone && exec "$@"';

  it.each([['--version'], ['--help']])('is none of the business of %s', (flag) => {
    expect(inShell(GONE, [flag])).toMatchObject({ status: 0, stderr: '' });
  });

  it.each([[['ca', 'path']], [['check', 'x.yaml']], [['run', '--', 'true']], [['--standalone']]])(
    'is told in a sentence to %j',
    (args) => {
      expect(inShell(GONE, args)).toMatchObject({
        ...{ status: 2, stdout: '' },
        stderr:
          'error: the working directory does not exist any more, or may not be read: change to one that does (cd ~).\n',
      });
    },
  );
});
