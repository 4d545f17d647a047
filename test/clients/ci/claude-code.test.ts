/** Claude Code, pinned, against the stand-in: it completes by base URL and by CONNECT, and recovers from two 529s. */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { bareEnvironment } from '../support/bare-environment.ts';
import { type Lab, type Route, startLab } from '../support/lab.ts';
import { type Finished, runProgram } from '../support/run-program.ts';
import { installClaudeCode } from './install.ts';

let claude: string;
let folder: string;
let lab: Lab;

beforeAll(() => {
  claude = join(installClaudeCode(), 'node_modules', '.bin', 'claude');
});
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'aep-claude-'));
});
afterEach(async () => {
  await lab.close();
  await rm(folder, { recursive: true });
});

/** Nothing but what it needs: it reads and writes nowhere else, and calls no other host. */
async function ask(route: Route): Promise<Finished> {
  for (const name of ['home', 'tmp']) await mkdir(join(folder, name));
  const { PATH } = process.env;
  const bare = bareEnvironment();
  const env = Object.entries(lab.env(route)).filter(([name]) => !(name in bare));
  return runProgram(claude, ['-p', 'Say hello.', '--model', 'claude-opus-5-5'], {
    PATH,
    HOME: join(folder, 'home'),
    TMPDIR: join(folder, 'tmp'),
    CLAUDE_CODE_TMPDIR: join(folder, 'tmp'),
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    CLAUDE_CODE_MAX_RETRIES: '2',
    ...Object.fromEntries(env),
  });
}

describe.each(['base URL', 'CONNECT', 'run'] as const)('claude -p through %s', (route) => {
  const messages = (): number => lab.requests.filter(({ path }) => path === '/v1/messages').length;

  it('completes', async () => {
    lab = await startLab();
    const { code, stdout, stderr } = await ask(route);
    expect(`${code} ${stdout}${stderr}`).toMatch(/^0 .*stand-in/);
    expect(messages()).toBe(1);
  });

  it('recovers from two 529s', async () => {
    lab = await startLab([
      { when: { path: '/v1/messages' }, trigger: { first: 2 }, fault: { kind: 'http-error', status: 529 } },
    ]);
    const { code, stdout, stderr } = await ask(route);
    expect(`${code} ${stdout}${stderr}`).toMatch(/^0 .*stand-in/);
    expect(messages()).toBe(3);
    expect(lab.outcomes.filter((outcome) => outcome === '529 injected')).toHaveLength(2);
  });

  it('gives up on 529s that do not end', async () => {
    lab = await startLab([{ when: { path: '/v1/messages' }, fault: { kind: 'http-error', status: 529 } }]);
    const { code, stdout } = await ask(route);
    expect(code).toBe(1);
    expect(stdout).toMatch(/API Error: .*529 Overloaded/);
    expect(messages()).toBe(3);
  });
});
