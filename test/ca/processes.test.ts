/** Several processes at once on one state directory: same CA, whole files. */
import { type ChildProcess, spawn } from 'node:child_process';
import { chmod, chown, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { openAuthority } from '../../src/ca/authority.ts';
import { readStore, storePaths } from '../../src/ca/store.ts';
import { compiled } from './compiled.ts';
import { temporaryDirectory } from './support.ts';

const TARGETS = "['api.anthropic.com']";
let module = '';

beforeAll(async () => {
  const directory = await mkdtemp(join(tmpdir(), 'aep-ca-js-'));
  module = await compiled('src/ca/authority.ts', directory);
  return () => rm(directory, { recursive: true, force: true });
}, 60_000);

/** Starts `count` processes that wait, each ready to run `call`, and lets them all go at once. */
async function atOnce(count: number, stateDir: string, call: (i: number) => string): Promise<string[]> {
  const children = Array.from({ length: count }, (_, i) => worker(stateDir, call(i)));
  await Promise.all(children.map(({ ready }) => ready));
  for (const { child } of children) child.stdin!.end('go\n');
  return await Promise.all(children.map(({ answer }) => answer));
}

function worker(
  stateDir: string,
  call: string,
): { child: ChildProcess; ready: Promise<unknown>; answer: Promise<string> } {
  const script = `
    const { openAuthority, rotateAuthority } = await import(${JSON.stringify(module)});
    const stateDir = ${JSON.stringify(stateDir)};
    process.stderr.write('ready');
    for await (const _ of process.stdin) break;
    const authority = await ${call};
    authority.secureContext('api.anthropic.com');
    process.stdout.write(authority.certificatePem);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'pipe' });
  onTestFinished(() => void child.kill('SIGKILL'));
  let complaint = '';
  child.stderr.on('data', (chunk) => {
    complaint += chunk;
  });
  const answer = text(child.stdout).then((out) => out || `nothing; stderr: ${complaint}`);
  const ready = new Promise((resolve) => {
    child.stderr.once('data', resolve);
    child.once('exit', resolve);
  });
  return { child, ready, answer };
}

async function expectWhole(stateDir: string): Promise<string> {
  const stored = await readStore(storePaths(stateDir));
  expect(await readFile(join(stateDir, 'fault-ca.crt'), 'utf8')).toBe(stored!.rootPem);
  expect((await readdir(stateDir)).sort()).toEqual(['fault-ca.crt', 'fault-ca.key']);
  return stored!.rootPem;
}

test('six first starts at once end with one CA and no litter', async () => {
  for (let round = 0; round < 3; round += 1) {
    const stateDir = join(await temporaryDirectory(), 'state');
    const answers = await atOnce(6, stateDir, () => `openAuthority({ stateDir, targets: ${TARGETS} })`);
    const root = await expectWhole(stateDir);
    expect(answers).toEqual(new Array(6).fill(root));
  }
}, 60_000);

test('rotations and starts at once leave the certificate that the key belongs to', async () => {
  const stateDir = join(await temporaryDirectory(), 'state');
  await atOnce(1, stateDir, () => `openAuthority({ stateDir, targets: ${TARGETS} })`);
  const before = await expectWhole(stateDir);
  const answers = await atOnce(
    6,
    stateDir,
    (i) => `${i % 2 ? 'rotateAuthority' : 'openAuthority'}({ stateDir, targets: ${TARGETS} })`,
  );
  const after = await expectWhole(stateDir);
  expect(after).not.toBe(before);
  expect(answers).toContain(after);
  for (const answer of answers) expect(answer).toMatch(/^-----BEGIN CERTIFICATE-----/);
}, 60_000);

test.runIf(process.getuid?.() === 0)('a key that another user owns is refused', async () => {
  const stateDir = await temporaryDirectory();
  await openAuthority({ stateDir, targets: ['api.anthropic.com'] });
  const nobody = 65_534;
  // Become somebody else only once the code is loaded, which may lie where that user cannot read.
  const open = `(process.setuid(${nobody}), openAuthority({ stateDir, targets: ${TARGETS} }))`;
  // All of it readable, as an attacker would leave it.
  await chmod(stateDir, 0o755);
  await chmod(storePaths(stateDir).key, 0o644);
  const [refused] = await atOnce(1, stateDir, () => open);
  expect(refused).toMatch(/fault-ca\.key belongs to another user; remove it, or choose another directory/);
  await chown(storePaths(stateDir).key, nobody, nobody);
  const [accepted] = await atOnce(1, stateDir, () => open);
  expect(accepted).toMatch(/^-----BEGIN CERTIFICATE-----/);
});
