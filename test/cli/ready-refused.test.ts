/** The ready file where the file system lets it be made, and then refuses what is to be written. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { type Ready, writeReadyFile } from '../../src/cli/ready.ts';
import { directoryWith } from '../config/support.ts';

const refusal = vi.hoisted(() => ({ code: '', words: '' }));

vi.mock('node:fs/promises', async (original) => {
  const fs = await original<typeof import('node:fs/promises')>();
  return {
    ...fs,
    async open(...args: Parameters<typeof fs.open>) {
      const file = await fs.open(...args);
      file.writeFile = () =>
        Promise.reject(
          Object.assign(new Error(`${refusal.code}: ${refusal.words}, write`), { code: refusal.code }),
        );
      return file;
    },
  };
});

const ready: Ready = {
  ...{ v: 1, type: 'ready', at: 1, url: 'http://127.0.0.1:1', host: '127.0.0.1', port: 1 },
  ...{ ca: null, pid: process.pid, version: '1.0.0' },
};

describe('the ready file', () => {
  it.each([
    [
      'ENOSPC',
      'no space left on device',
      /no room for it \(ENOSPC\): make some, or name .* with --ready-file$/,
    ],
    ['EDQUOT', 'disk quota exceeded', /no room for it \(EDQUOT\): make some, or name .* with --ready-file$/],
    [
      'EIO',
      'i/o error',
      /could not be written \(EIO: i\/o error, write\): name another file with --ready-file$/,
    ],
  ])('names itself and the cure on %s, and nothing of it stays', async (code, words, cure) => {
    Object.assign(refusal, { code, words });
    const folder = directoryWith();
    const file = join(folder, 'r.json');
    const error = await writeReadyFile(file, ready).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'io', message: expect.stringMatching(cure) });
    expect((error as Error).message).toContain(`the ready file ${file} could not be written`);
    expect(existsSync(file)).toBe(false);
    expect(readdirSync(folder)).toEqual([]);
  });
});
