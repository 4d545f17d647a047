/** What several processes cannot do together is refused before anything is started, in one sentence with the cure. */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Cli, testCli } from '../../run/cli.ts';

const CURE = /leave (one of them|it|--workers|AEP_WORKERS|.*workers) out|give --port/;

async function refused(
  args: readonly string[],
  rules?: string,
  env: NodeJS.ProcessEnv = {},
): Promise<string> {
  const cli = await testCli(env);
  if (rules !== undefined) writeFileSync(join(cli.folder, 'c.yaml'), rules);
  expect(await cli.run(...args)).toBe(2);
  expectNothing(cli);
  expect(cli.stderr()).toMatch(/^error: [^\n]+\.\n$/);
  expect(cli.stderr()).toMatch(CURE);
  return cli.stderr();
}

function expectNothing(cli: Cli): void {
  expect(cli.stdout()).toBe('');
  expect(existsSync(join(cli.folder, 'anthropic-error-plugin')), 'a CA').toBe(false);
}

const STANDALONE = ['--standalone', '--proxy-port', '0', '--upstream', 'mock', '--workers', '2'];
const WITH_FILE = [...STANDALONE, '--config', 'c.yaml'];

describe('rules that need one process', () => {
  it.each([
    ['trigger: { first: 2 }', 'hangs on other calls (for the first 2 calls)'],
    ['trigger: { nth: 3 }', 'hangs on other calls'],
    ['trigger: { every: 10 }', 'hangs on other calls'],
    ['trigger: { skip: 5 }', 'hangs on other calls'],
    ['trigger: { once_per: conversation }', 'hangs on other calls (once per conversation)'],
    ['trigger: { burst: { enter: 0.1, leave: 0.5 } }', 'hangs on other calls'],
    ['trigger: { window: { from: 10, to: 20 } }', 'hangs on other calls'],
    ['trigger: { window: { for: 1m, since: first-call } }', 'hangs on other calls'],
    ['trigger: { ramp: { over: 100 } }', 'hangs on other calls'],
    ['limit: { times: 3 }', 'its limit counts calls'],
    ['limit: { concurrent: 3, per: client }', 'its limit counts calls'],
    ['cooldown: 10s', 'its cooldown begins with a call'],
    ['when: { attempt: 0 }', 'its condition attempt remembers earlier calls'],
  ])('%s', async (line, why) => {
    const rules = `seed: 1\nrules:\n  - name: mine\n    ${line}\n    fault: overloaded\n`;
    expect(await refused(WITH_FILE, rules)).toContain(`c.yaml:3:5: rule mine needs one process, as `);
    expect(await refused(WITH_FILE, rules)).toContain(why);
  });

  it('a rate limit', async () => {
    const rules = 'rules: [{ fault: { kind: rate-limit, requests_per_minute: 5 } }]\n';
    expect(await refused(WITH_FILE, rules)).toContain('its fault rate-limit remembers earlier calls');
  });

  it('scenarios with phases', async () => {
    const said = await refused([...STANDALONE, '--scenario', 'overload-burst']);
    expect(said).toContain('rule overload-burst.burst needs one process');
    expect(said).toContain('take a scenario without phases, such as flaky');
  });

  it.each([
    ['flags', ['--max-errors', '2'], undefined, '--max-errors'],
    ['a file', ['--config', 'c.yaml'], 'max_errors: 2\nrules: [{ fault: overloaded }]\n', 'max_errors'],
  ] as const)('max_errors, of %s', async (_, args, file, name) => {
    expect(await refused([...STANDALONE, ...args], file)).toContain(
      `${name} counts the errors of the whole run`,
    );
  });
});

describe('ways to run that are of one process', () => {
  it('--watch', async () => {
    expect(await refused([...WITH_FILE, '--watch'], 'status_code: 500\n')).toContain(
      '--watch does not go with --workers',
    );
  });

  it('--replay', async () => {
    const cli = await testCli();
    writeFileSync(
      join(cli.folder, 'e.jsonl'),
      '{"v":1,"at":1,"type":"rules.armed","seed":"7","rules":["default"]}\n',
    );
    expect(await cli.run(...STANDALONE, '--replay', 'e.jsonl')).toBe(2);
    expect(cli.stderr()).toContain('--replay does not go with --workers');
    expectNothing(cli);
  });

  it('plugin mode', async () => {
    expect(await refused(['--workers', '2'])).toContain('--workers has no meaning in plugin mode');
    expect(await refused([], undefined, { AEP_WORKERS: '2' })).toContain(
      'AEP_WORKERS has no meaning in plugin mode',
    );
  });

  it('run', async () => {
    expect(await refused(['run', '--', 'node', '-v'], undefined, { AEP_WORKERS: '2' })).toContain(
      'AEP_WORKERS does not go with the command run',
    );
    const cli = await testCli();
    expect(await cli.run('run', '--workers', '2', '--', 'node', '-v')).toBe(2);
    expect(cli.stderr()).toMatch(/^error: .*--workers.*\n$/);
  });

  it('mock', async () => {
    expect(await refused(['mock', '--proxy-port', '0'], undefined, { AEP_WORKERS: '2' })).toContain(
      'AEP_WORKERS does not go with the command mock',
    );
    const cli = await testCli();
    expect(await cli.run('mock', '--workers', '2')).toBe(2);
    expect(cli.stderr()).toMatch(/^error: .*--workers.*\n$/);
  });

  it.each(['0', '65', '1.5', 'many'])('%s workers', async (count) => {
    const cli = await testCli();
    expect(await cli.run('--standalone', '--workers', count)).toBe(2);
    expect(cli.stderr()).toMatch(/^error: --workers [^\n]*number[^\n]*\n$/);
  });
});

describe('check', () => {
  const check = async (file: string): Promise<{ code: number; said: string }> => {
    const cli = await testCli();
    writeFileSync(join(cli.folder, 'c.yaml'), file);
    return { code: await cli.run('check', 'c.yaml'), said: cli.stdout() + cli.stderr() };
  };

  it('says what a start would refuse', async () => {
    const { code, said } = await check('workers: 4\nrules: [{ trigger: { first: 2 }, fault: overloaded }]\n');
    expect([code, said]).toEqual([2, expect.stringContaining('needs one process')]);
  });

  it('says what is given up', async () => {
    const { code, said } = await check('workers: 4\nseed: 5\n');
    expect(code).toBe(0);
    expect(said).toContain('4 processes serve; which calls fail differs from run to run, whatever the seed.');
    expect(said).toContain('The seed is 5: its draws are the same each time.');
  });

  it('has nothing to say of one', async () => {
    const { code, said } = await check('workers: 1\nrules: [{ trigger: { first: 2 }, fault: overloaded }]\n');
    expect(code).toBe(0);
    expect(said).not.toContain('processes');
  });
});
