/** `env` against a proxy that runs, and without one. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { bareEnvironment } from '../clients/support/bare-environment.ts';
import { testProxy } from '../support/proxy.ts';
import { testCli } from './cli.ts';

const run = promisify(execFile);

describe('env', () => {
  it.runIf(process.platform !== 'win32')('prints what sh can evaluate', async () => {
    const proxy = await testProxy();
    const cli = await testCli({ NO_PROXY: '.anthropic.com,a.corp' });
    expect(await cli.run('env', '--proxy-port', String(proxy.port), '--shell', 'sh')).toBe(0);
    const script = `${cli.stdout()}exec "$0" -p 'JSON.stringify(process.env)'`;
    const { stdout } = await run('sh', ['-c', script, process.execPath], { env: bareEnvironment() });
    const env = JSON.parse(stdout) as NodeJS.ProcessEnv;
    expect(env).toMatchObject({ HTTPS_PROXY: proxy.url, no_proxy: 'a.corp,localhost,127.0.0.1,::1' });
    expect(env.SSL_CERT_FILE).toContain(cli.folder);
    expect(cli.stderr()).toBe('');
  });

  it('prints the base URL alone, for PowerShell', async () => {
    const proxy = await testProxy();
    const cli = await testCli();
    const args = ['--proxy-port', String(proxy.port), '--via', 'base-url', '--shell', 'powershell'];
    expect(await cli.run('env', ...args)).toBe(0);
    expect(cli.stdout()).toBe(`$env:ANTHROPIC_BASE_URL = '${proxy.url}'\n`);
  });

  it('puts a dummy in the place of real keys for the stand-in, unless asked', async () => {
    const proxy = await testProxy();
    const args = ['env', '--proxy-port', String(proxy.port), '--via', 'base-url', '--shell', 'sh'];
    const keys = { ANTHROPIC_API_KEY: 'real', CLAUDE_CODE_USE_BEDROCK: '1' };
    const dummies =
      "export ANTHROPIC_API_KEY='sk-ant-dummy-key-for-the-stand-in'\nexport CLAUDE_CODE_USE_BEDROCK=''\n";
    for (const [more, text, said] of [
      [['--upstream', 'mock'], dummies, /^The stand-in takes any key: .* are not handed on .*\n$/],
      [['--upstream', 'mock', '--keep-keys'], '', /^$/],
      [['--keep-keys'], '', /^$/],
      [
        [],
        '',
        /^ANTHROPIC_API_KEY, CLAUDE_CODE_USE_BEDROCK stay as in your shell: .* add --upstream mock .*\n$/,
      ],
    ] as const) {
      const cli = await testCli(keys);
      expect(await cli.run(...args, ...more)).toBe(0);
      expect(cli.stdout()).toBe(`export ANTHROPIC_BASE_URL='${proxy.url}'\n${text}`);
      expect(cli.stderr()).toMatch(said);
    }
  });

  it('says what to do when no proxy runs', async () => {
    const proxy = await testProxy();
    await proxy.close(0);
    const cli = await testCli();
    expect(await cli.run('env', '--proxy-port', String(proxy.port))).toBe(2);
    expect(cli.stderr()).toMatch(
      /no proxy listens on http:\/\/127\.0\.0\.1:\d+: start it with .*--standalone/,
    );
    expect(cli.stdout()).toBe('');
  });
});
