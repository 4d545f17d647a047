/** Real processes: exit codes, signals, and what is left behind. POSIX; on Windows only what holds there. */
import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CommandOptions, type RunningCommand, startCommand } from '../../src/app/run/command.ts';

const posix = process.platform !== 'win32';
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'aep-run-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** Runs JavaScript in a Node of its own. */
function start(script: string, options: Partial<CommandOptions> = {}): RunningCommand {
  return startCommand({
    command: process.execPath,
    args: ['-e', script],
    env: process.env,
    interactive: false,
    stdio: 'ignore',
    ...options,
  });
}

/** Script that tells by a file that it runs, with its process id in it. */
const telling = (file: string, script: string): string =>
  `${script};require('fs').writeFileSync(${JSON.stringify(file)}, String(process.pid));setInterval(() => {}, 1000)`;

async function pidIn(file: string): Promise<number> {
  await expect.poll(() => readFile(file, 'utf8').catch(() => ''), { timeout: 10_000 }).toMatch(/^\d+$/);
  return Number(await readFile(file, 'utf8'));
}

/** What has ended and still waits for its parent (in a container without an init) does not run. */
function runs(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !/^\d+ \(.*\) Z /s.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' && process.platform !== 'linux';
  }
}

describe('startCommand', () => {
  it.each([0, 1, 7, 255])('ends with the code %i of the command', async (code) => {
    expect(await start(`process.exit(${code})`).end).toEqual({ code, lingered: false });
  });

  it('gives arguments and environment as they are', async () => {
    const script = `process.exit(process.argv[1] === 'a "b" $c %d% *' && process.env.GIVEN === 'yes' ? 3 : 4)`;
    const args = ['-e', script, 'a "b" $c %d% *'];
    expect((await start('', { args, env: { ...process.env, GIVEN: 'yes' } }).end).code).toBe(3);
  });

  it('ends with 127 when the command does not exist, and says so', async () => {
    const end = await start('', { command: 'no-such-command-here' }).end;
    expect(end).toMatchObject({ code: 127, lingered: false });
    expect(end.problem?.message).toMatch(/"no-such-command-here" was not found/);
  });

  it.runIf(posix)('ends with 126 when it cannot be run', async () => {
    const file = join(folder, 'data');
    await writeFile(file, 'no program', { mode: 0o644 });
    const end = await start('', { command: file }).end;
    expect(end).toMatchObject({ code: 126 });
    expect(end.problem?.message).toMatch(/not executable/);
  });

  it.runIf(posix).each([
    ['SIGKILL', 137],
    ['SIGTERM', 143],
    ['SIGSEGV', 139],
  ])('ends with 128 + n when the command dies of %s', async (signal, code) => {
    const end = await start(`process.kill(process.pid, '${signal}');setInterval(() => {}, 1000)`).end;
    expect(end).toEqual({ code, signal, lingered: false });
  });

  it.runIf(posix)('passes on a signal, and takes the code that the command makes of it', async () => {
    const file = join(folder, 'passes-on');
    const running = start(telling(file, `process.on('SIGTERM', () => process.exit(9))`));
    await pidIn(file);
    running.stop('SIGTERM');
    expect(await running.end).toEqual({ code: 9, lingered: false });
  });

  it.runIf(posix)('kills a command that ignores SIGTERM, after the grace', async () => {
    const file = join(folder, 'ignores');
    const running = start(telling(file, `process.on('SIGTERM', () => {})`), { graceMs: 300 });
    const pid = await pidIn(file);
    const before = Date.now();
    running.stop('SIGTERM');
    expect(await running.end).toEqual({ code: 137, signal: 'SIGKILL', lingered: false });
    expect(Date.now() - before).toBeGreaterThanOrEqual(290);
    expect(runs(pid)).toBe(false);
  });

  it.runIf(posix)('lets a program in a terminal take Ctrl-C as a key, and stops it by SIGTERM', async () => {
    const file = join(folder, 'interactive');
    const running = start(telling(file, `process.on('SIGINT', () => process.exit(8))`), {
      interactive: true,
      graceMs: 10,
    });
    await pidIn(file);
    running.stop('SIGINT');
    running.stop('SIGTERM');
    expect(await running.end).toMatchObject({ code: 143, signal: 'SIGTERM' });
  });

  it.runIf(posix).each([
    ['ends by SIGTERM', ''],
    ['ignores SIGTERM', `process.on('SIGTERM', () => {})`],
  ])('ends a grandchild that is left behind and %s', async (_how, trap) => {
    const file = join(folder, `grandchild-${trap.length}`);
    const grandchild = JSON.stringify(telling(file, trap));
    const script = `
      require('child_process').spawn(process.execPath, ['-e', ${grandchild}], { stdio: 'ignore' }).unref();
      const wait = setInterval(() => { if (require('fs').existsSync(${JSON.stringify(file)})) process.exit(5) }, 10)`;
    const before = Date.now();
    const end = await start(script, { graceMs: trap ? 300 : 10_000 }).end;
    // Nobody waits longer than it takes.
    expect(Date.now() - before).toBeLessThan(9_000);
    expect(end).toEqual({ code: 5, lingered: true });
    expect(runs(await pidIn(file))).toBe(false);
  });
});
