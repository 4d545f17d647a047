/** The program with outputs that are no regular files: it starts and ends in time, or says what to do. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { bareEnvironment } from '../clients/support/bare-environment.ts';
import { buildProgram } from './built-program.ts';

let main: string;
beforeAll(async () => {
  main = await buildProgram();
}, 60_000);

function folderWithPipe(): { folder: string; pipe: string } {
  const folder = mkdtempSync(join(tmpdir(), 'aep-outputs-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const pipe = join(folder, 'pipe');
  execFileSync('mkfifo', [pipe]);
  return { folder, pipe };
}

/** A run of a moment. */
async function run(folder: string, args: readonly string[], stdout: 'pipe' | number = 'pipe') {
  const child = spawn(
    process.execPath,
    [main, '--standalone', '--proxy-port', '0', '--upstream', 'mock', '--for', '10ms', ...args],
    {
      cwd: folder,
      env: { ...bareEnvironment(), HOME: folder, XDG_STATE_HOME: folder },
      stdio: ['ignore', stdout, 'pipe'],
    },
  );
  onTestFinished(() => void child.kill('SIGKILL'));
  child.stdout?.resume();
  const [told, [code]] = await Promise.all([text(child.stderr!), once(child, 'exit')]);
  return { code: code as number, told };
}

describe.skipIf(process.platform === 'win32')('outputs', () => {
  it('go into pipes that somebody reads, by their names or by links, and the pipes stay', async () => {
    const { folder, pipe } = folderWithPipe();
    const link = join(folder, 'link');
    symlinkSync(pipe, link);
    const reader = spawn('cat', [pipe], { stdio: ['ignore', 'pipe', 'inherit'] });
    onTestFinished(() => void reader.kill('SIGKILL'));
    const read = text(reader.stdout);
    const ended = await run(folder, ['--event-log', pipe, '--ready-file', link]);
    expect(ended).toEqual({ code: 0, told: '' });
    const lines = (await read).trimEnd().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { type: string }).type).sort()).toEqual(
      expect.arrayContaining(['ready', 'rules.armed']),
    );
    expect([lstatSync(pipe).isFIFO(), lstatSync(link).isSymbolicLink()]).toEqual([true, true]);
  });

  it.each(['--event-log', '--ready-file'])(
    'of %s into a pipe that nobody reads are refused',
    async (flag) => {
      const { folder, pipe } = folderWithPipe();
      const ended = await run(folder, [flag, pipe]);
      expect(ended.told).toMatch(/^error: the .* is a pipe that nobody reads.*\n$/);
      expect(ended.code).toBe(2);
      expect(lstatSync(pipe).isFIFO()).toBe(true);
    },
  );

  it.each(['--event-log', '--ready-file'])(
    'of %s into the file of standard output are refused: they would overwrite each other',
    async (flag) => {
      const { folder } = folderWithPipe();
      const out = openSync(join(folder, 'out.txt'), 'w');
      const ended = await run(folder, [flag, 'out.txt'], out);
      closeSync(out);
      expect(ended.told).toMatch(/^error: .* is the file that standard output goes to.*\n$/);
      expect(ended.code).toBe(2);
      expect(readFileSync(join(folder, 'out.txt'), 'utf8')).toBe('');
    },
  );
});

describe.skipIf(process.platform === 'win32')('what is read', () => {
  it('is no pipe in place of the key', async () => {
    const { folder } = folderWithPipe();
    mkdirSync(join(folder, 'state'));
    execFileSync('mkfifo', [join(folder, 'state', 'fault-ca.key')]);
    const ended = await run(folder, ['--state-dir', 'state']);
    expect(ended.told).toMatch(/^error: .*fault-ca\.key is no regular file; remove it.*\n$/);
    expect(ended.code).toBe(2);
  });

  it('can be a pipe as the config file, but not with --watch, which reads it again and again', async () => {
    const { folder, pipe } = folderWithPipe();
    const config = ['--config', pipe];
    const write = (): void => {
      const writer = spawn('sh', ['-c', 'echo "status_code: 529" > "$0"', pipe], { stdio: 'ignore' });
      onTestFinished(() => void writer.kill('SIGKILL'));
    };
    write();
    expect(await run(folder, config)).toEqual({ code: 0, told: '' });
    write();
    const ended = await run(folder, [...config, '--watch']);
    expect(ended.told).toMatch(/^error: --watch cannot watch .*pipe, which is no regular file.*\n$/);
    expect(ended.code).toBe(2);
  });
});
