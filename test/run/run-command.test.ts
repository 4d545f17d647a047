/** `run -- command…` with real commands: what they see, how they end, and what is said of it. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Cli, testCli } from './cli.ts';

const posix = process.platform !== 'win32';
const NODE = process.execPath;
const MOCK = ['run', '--upstream', 'mock', '--seed', '1'];
/** Two overloads, then success. */
const TWICE = [...MOCK, '--status-code', '529', '--error-probability', '1', '--max-errors', '2'];
const HEADERS = `{ 'x-api-key': process.env.ANTHROPIC_API_KEY, 'anthropic-version': '2023-06-01' }`;

const written = (cli: Cli, name: string): Promise<string> => readFile(join(cli.folder, name), 'utf8');
/** Script of Node that lists models three times and writes the statuses to a file. */
const fetching = (base: string): string => `
  const statuses = [];
  for (let n = 0; n < 3; n++) {
    const answer = await fetch(${base} + '/v1/models', { headers: ${HEADERS} });
    await answer.text();
    statuses.push(answer.status);
  }
  require('fs').writeFileSync(process.env.FOLDER + '/statuses', statuses.join());`;
const asNode = (script: string): string[] => ['--', NODE, '-e', `(async () => {${script}})()`];

describe('run', () => {
  it('brings fetch here, gives a key for the stand-in, and sums up', async () => {
    const cli = await testCli();
    expect(await cli.run(...TWICE, ...asNode(fetching(`'https://api.anthropic.com'`)))).toBe(0);
    expect(await written(cli, 'statuses')).toBe('529,529,200');
    expect(cli.stderr()).toMatch(/3 calls in .*: 2 injected, 1 passed, 0 failed by themselves\./);
    expect(cli.stdout()).toBe('');
  });

  it('hands no real key to a program on the stand-in, unless asked, and says so', async () => {
    const keys = { ANTHROPIC_API_KEY: 'sk-ant-api03-real', CLAUDE_CODE_OAUTH_TOKEN: 'sk-ant-oat01-real' };
    const script = `require('fs').writeFileSync(process.env.FOLDER + '/env', JSON.stringify(process.env))`;
    for (const via of ['proxy', 'base-url', 'both']) {
      const cli = await testCli(keys);
      expect(await cli.run(...MOCK, '--via', via, ...asNode(script))).toBe(0);
      expect(await written(cli, 'env')).not.toMatch(/-real/);
      expect(cli.stderr()).toContain('ANTHROPIC_API_KEY, CLAUDE_CODE_OAUTH_TOKEN are not handed on');
      expect(cli.stderr()).not.toMatch(/-real/);
    }
    const cli = await testCli(keys);
    expect(await cli.run(...MOCK, '--keep-keys', ...asNode(script))).toBe(0);
    expect(JSON.parse(await written(cli, 'env'))).toMatchObject(keys);
    expect(cli.stderr()).not.toContain('handed on');
  });

  it('brings a client of base URLs here', async () => {
    const cli = await testCli();
    const script = fetching('process.env.ANTHROPIC_BASE_URL');
    expect(await cli.run(...TWICE, '--via', 'base-url', ...asNode(script))).toBe(0);
    expect(await written(cli, 'statuses')).toBe('529,529,200');
  });

  it('brings both at once here, each call once', async () => {
    const cli = await testCli();
    const script = `${fetching('process.env.ANTHROPIC_BASE_URL')}${fetching(`'https://api.anthropic.com'`).replace('const statuses', 'const more').replaceAll('statuses.', 'more.')}`;
    expect(await cli.run(...TWICE, '--via', 'both', ...asNode(script))).toBe(0);
    expect(await written(cli, 'statuses')).toBe('200,200,200');
    expect(cli.stderr()).toMatch(/6 calls in /);
  });

  it.runIf(posix)('serves a shell script that calls curl', async () => {
    const cli = await testCli();
    const script = `for n in 1 2 3; do
      curl -sS -o "$FOLDER/body" -w '%{http_code},' -H "x-api-key: $ANTHROPIC_API_KEY" -H 'anthropic-version: 2023-06-01' \\
        https://api.anthropic.com/v1/models >> "$FOLDER/statuses"; done; exit 4`;
    expect(await cli.run(...TWICE, '--', 'sh', '-c', script)).toBe(4);
    expect(await written(cli, 'statuses')).toBe('529,529,200,');
  });

  it.runIf(posix)('serves a Node program that spawns a Python one', async () => {
    const cli = await testCli();
    const python = [
      'import json, os, urllib.request',
      `request = urllib.request.Request('https://api.anthropic.com/v1/models', headers={'x-api-key': os.environ['ANTHROPIC_API_KEY'], 'anthropic-version': '2023-06-01'})`,
      `open(os.environ['FOLDER'] + '/models', 'w').write(str(len(json.load(urllib.request.urlopen(request))['data'])))`,
    ].join('\n');
    const node = `process.exitCode = require('child_process').spawnSync('python3', ['-c', ${JSON.stringify(python)}], { stdio: 'inherit' }).status`;
    expect(await cli.run(...MOCK, '--error-probability', '0', '--', NODE, '-e', node)).toBe(0);
    expect(Number(await written(cli, 'models'))).toBeGreaterThan(0);
    expect(cli.stderr()).toMatch(/1 call in .*: 0 injected, 1 passed/);
  });

  it('takes the flags after the command as the command’s', async () => {
    const cli = await testCli();
    const script = `require('fs').writeFileSync(process.env.FOLDER + '/args', process.argv.slice(1).join())`;
    expect(await cli.run(...MOCK, NODE, '-e', script, '--', '--seed', 'x', '--', '--via')).toBe(0);
    expect(await written(cli, 'args')).toBe('--seed,x,--,--via');
  });

  it('says why no call may have come, and what to try', async () => {
    const cli = await testCli({ ANTHROPIC_BASE_URL: 'http://gateway.test' });
    expect(await cli.run(...MOCK, '--', NODE, '-e', '0')).toBe(0);
    expect(cli.stderr()).toMatch(
      /No call came through .*\n.*http:\/\/gateway\.test.*--target-host gateway\.test.*--via base-url/,
    );
  });

  it('ends with 127 for a command that does not exist, and says that alone', async () => {
    const cli = await testCli();
    expect(await cli.run(...MOCK, '--', 'no-such-command-here')).toBe(127);
    expect(cli.stderr()).toMatch(/error: the command "no-such-command-here" was not found/);
    expect(cli.stderr()).not.toMatch(/No call/);
  });

  it.runIf(posix)('ends with 128 + n for a command that dies of a signal', async () => {
    const cli = await testCli();
    expect(await cli.run(...MOCK, '--', 'sh', '-c', 'kill -SEGV $$')).toBe(139);
  });

  it.runIf(posix)('passes a signal on, and ends as the command does', async () => {
    const cli = await testCli();
    const script = `trap 'exit 6' TERM; touch "$FOLDER/up"; while :; do sleep 0.05; done`;
    const code = cli.run(...MOCK, '--', 'sh', '-c', script);
    await expect.poll(() => written(cli, 'up').catch(() => undefined), { timeout: 10_000 }).toBe('');
    cli.signal(15);
    expect(await code).toBe(6);
  });

  it.runIf(posix)('ends a grandchild that is left behind, and says so', async () => {
    const cli = await testCli();
    expect(await cli.run(...MOCK, '--', 'sh', '-c', 'sleep 1000 & exit 3')).toBe(3);
    expect(cli.stderr()).toMatch(/left behind were ended/);
  });

  it.each([
    [[], /run needs COMMAND/],
    [
      ['--via', 'prxoy', '--', 'x'],
      /--via is one of proxy, base-url, both, not "prxoy"\. Did you mean proxy/,
    ],
    [['--standalone', '--', 'x'], /--standalone does not go with the command run/],
    [['--vai', 'proxy', '--', 'x'], /there is no flag --vai/],
  ])('refuses %j', async (args, sentence) => {
    const cli = await testCli();
    expect(await cli.run('run', ...args)).toBe(2);
    expect(cli.stderr()).toMatch(sentence);
  });
});
