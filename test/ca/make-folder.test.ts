import { mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { makeFolder } from '../../src/ca/make-folder.ts';

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'aep-make-folder-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

it('makes all that are missing, and leaves those that are there', async () => {
  const top = folder();
  const path = join(top, 'a', 'b', 'c');
  await makeFolder(path, 0o700);
  await makeFolder(path, 0o755);
  expect(statSync(path).isDirectory()).toBe(true);
  if (process.platform === 'win32') return;
  for (const made of [path, join(top, 'a')]) expect(statSync(made).mode & 0o777).toBe(0o700);
});

it('may be called for one folder several times at once', async () => {
  const path = join(folder(), 'a', 'b');
  await Promise.all(Array.from({ length: 8 }, () => makeFolder(path, 0o700)));
  expect(statSync(path).isDirectory()).toBe(true);
});

it('says what is in the way', async () => {
  const top = folder();
  writeFileSync(join(top, 'file'), '');
  await expect(makeFolder(join(top, 'file'), 0o700)).rejects.toMatchObject({ code: 'EEXIST' });
  if (process.platform === 'win32') return;
  await expect(makeFolder(join(top, 'file', 'x'), 0o700)).rejects.toMatchObject({ code: 'ENOTDIR' });
  symlinkSync(join(top, 'nowhere'), join(top, 'link'));
  await expect(makeFolder(join(top, 'link'), 0o700)).rejects.toMatchObject({ code: 'EEXIST' });
  await expect(makeFolder(join(top, 'link', 'x'), 0o700)).rejects.toMatchObject({ code: 'EEXIST' });
});
