/** The ready file: what may be replaced and removed, what is written to as it is, and what its drafts leave behind. */
import { execFileSync } from 'node:child_process';
import {
  closeSync,
  constants,
  existsSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { checkReadyFile, type Ready, removeReadyFile, writeReadyFile } from '../../src/cli/ready.ts';
import { directoryWith, problemOf } from '../config/support.ts';

const ready: Ready = {
  ...{ v: 1, type: 'ready', at: 1, url: 'http://127.0.0.1:1', host: '127.0.0.1', port: 1 },
  ...{ ca: null, pid: process.pid, version: '1.0.0' },
};
const TEXT = `${JSON.stringify(ready)}\n`;

function fifo(folder: string): string {
  const path = join(folder, 'fifo');
  execFileSync('mkfifo', [path]);
  return path;
}

/** A reader that does not wait for a writer. */
function reader(path: string): () => string {
  const handle = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  onTestFinished(() => closeSync(handle));
  return () => {
    const bytes = Buffer.alloc(64 * 1024);
    return bytes.toString('utf8', 0, readSync(handle, bytes));
  };
}

it('is written whole, replaced, and removed; no draft stays', async () => {
  const folder = directoryWith();
  const file = join(folder, 'r.json');
  for (const _run of [1, 2]) {
    checkReadyFile(file);
    await writeReadyFile(file, ready);
    expect(readFileSync(file, 'utf8')).toBe(TEXT);
    expect(readdirSync(folder)).toEqual(['r.json']);
  }
  removeReadyFile(file, { ...ready, pid: ready.pid + 1 });
  expect(existsSync(file)).toBe(true);
  removeReadyFile(file, ready);
  expect(readdirSync(folder)).toEqual([]);
});

it('is not the event log, too', () => {
  const file = join(directoryWith(), 'same');
  checkReadyFile(file, `${file}.jsonl`);
  expect(problemOf(() => checkReadyFile(file, file))).toContain('cannot be both ready file and event log');
});

describe.skipIf(process.platform === 'win32')('what is no regular file', () => {
  it.each(['itself', 'behind a link'])(
    'a pipe, %s, is written to and neither replaced nor removed',
    async (where) => {
      const folder = directoryWith();
      const pipe = fifo(folder);
      const file = where === 'itself' ? pipe : join(folder, 'link');
      if (file !== pipe) symlinkSync(pipe, file);
      const before = lstatSync(file).ino;
      const read = reader(pipe);
      checkReadyFile(file);
      await writeReadyFile(file, ready);
      expect(read()).toBe(TEXT);
      removeReadyFile(file, ready);
      expect(lstatSync(file).ino).toBe(before);
      expect(lstatSync(pipe).isFIFO()).toBe(true);
      expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
    },
  );

  it('a pipe that nobody reads is told of, and holds nobody up', async () => {
    const pipe = fifo(directoryWith());
    checkReadyFile(pipe);
    await expect(writeReadyFile(pipe, ready)).rejects.toMatchObject({
      code: 'bad-option',
      message: expect.stringMatching(/is a pipe that nobody reads,.*: start its reader first/),
    });
    removeReadyFile(pipe, ready);
    expect(lstatSync(pipe).isFIFO()).toBe(true);
  });

  it('one that came after the check is kept too', async () => {
    const folder = directoryWith();
    checkReadyFile(join(folder, 'fifo'));
    const pipe = fifo(folder);
    await expect(writeReadyFile(pipe, ready)).rejects.toMatchObject({ code: 'bad-option' });
    expect(lstatSync(pipe).isFIFO()).toBe(true);
  });

  it('a socket is refused', async () => {
    const path = join(directoryWith(), 'socket');
    const server = createServer().listen(path);
    await new Promise((resolve) => server.once('listening', resolve));
    onTestFinished(() => void server.close());
    expect(problemOf(() => checkReadyFile(path))).toContain('is a socket: name a file or a pipe');
  });

  it('a link is neither followed nor replaced, wherever it leads', async () => {
    const folder = directoryWith({ earlier: TEXT });
    for (const target of ['earlier', 'nowhere']) {
      const link = join(folder, `to-${target}`);
      symlinkSync(join(folder, target), link);
      expect(problemOf(() => checkReadyFile(link))).toContain('is a symbolic link: name the file itself');
      await expect(writeReadyFile(link, ready)).rejects.toMatchObject({ code: 'file-exists' });
      removeReadyFile(link, ready);
      expect(lstatSync(link).isSymbolicLink()).toBe(true);
    }
    expect(readFileSync(join(folder, 'earlier'), 'utf8')).toBe(TEXT);
    expect(existsSync(join(folder, 'nowhere'))).toBe(false);
  });

  it('a link where a draft could be expected is not written through', async () => {
    const folder = directoryWith({ victim: 'precious' });
    const file = join(folder, 'r.json');
    symlinkSync(join(folder, 'victim'), `${file}.${process.pid}.tmp`);
    await writeReadyFile(file, ready);
    expect(readFileSync(join(folder, 'victim'), 'utf8')).toBe('precious');
    expect(lstatSync(file).isFile()).toBe(true);
  });
});

it('a draft that a killed process left goes; others stay', async () => {
  const folder = directoryWith();
  const gone = execFileSync(process.execPath, ['-p', 'process.pid'], { encoding: 'utf8' }).trim();
  const draft = (pid: number | string): string => `.anthropic-error-plugin-${pid}-${'a'.repeat(24)}.tmp`;
  const kept = [draft(process.pid), `.${gone}-${'a'.repeat(12)}.tmp`, 'x.tmp'];
  for (const name of [draft(gone), ...kept]) writeFileSync(join(folder, name), 'x');
  await writeReadyFile(join(folder, 'r.json'), ready);
  expect(readdirSync(folder).sort()).toEqual([...kept, 'r.json'].sort());
});
