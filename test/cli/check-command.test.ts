/** `check FILE` and `errors`: what they say. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { errorCatalogue } from '../../src/core/anthropic/errors.ts';
import { testCli } from '../run/cli.ts';

async function check(text: string, env: Record<string, string> = {}) {
  const cli = await testCli(env);
  writeFileSync(join(cli.folder, 'faults.yaml'), text);
  const code = await cli.run('check', 'faults.yaml');
  return { code, out: cli.stdout().replaceAll(cli.folder, '.'), err: cli.stderr() };
}

describe('check', () => {
  it('says in plain sentences what flat keys do', async () => {
    const { code, out } = await check(
      'status_code: 429\nerror_probability: 0.25\nproxy_port: 0\nseed: 42\nupstream: mock\nfor: 5m\nretry_after: 30\nevent_log: e.jsonl\nmarker: false\n',
    );
    expect(code).toBe(0);
    expect(out).toBe(
      [
        'faults.yaml is right. Started with it, the proxy does this:',
        '',
        '  25 % of the calls to api.anthropic.com get 429 rate_limit_error; the others pass.',
        '  It listens on any free port of 127.0.0.1; calls that pass go to the built-in stand-in API (no network, any key will do).',
        '  The seed is 42: the same calls fail each time.',
        '  The errors say retry-after: 30.',
        '  The errors are not marked: nothing tells them from real ones.',
        '  It signs with a CA of its own.',
        '  It stops by itself after 5 min.',
        '  Every event is recorded in ./e.jsonl.',
        '',
      ].join('\n'),
    );
  });

  it('has a sentence per rule, the bounds, and notes with their place', async () => {
    const { code, out } = await check(
      'max_errors: 5\nrules:\n  - name: first\n    trigger: { probability: 0 }\n    fault: overloaded\n  - name: second\n    when: { path: /v1/messages }\n    fault: { kind: http-error, status: 500 }\n',
    );
    expect(code).toBe(0);
    expect(out).toMatch(/^ {2}first: .*overloaded/m);
    expect(out).toMatch(/^ {2}second: every call where path is \/v1\/messages gets http-error/m);
    expect(out).toContain('  After 5 errors, all calls pass.');
    expect(out).toMatch(/^note: faults\.yaml:3:5: first: probability 0: it never fires\.$/m);
  });

  it.each([
    ['connect-failure', '; a connection has no path yet, so what acts on connections acts on all.'],
    ['timeout', '.'],
  ])('says what only_path cannot hold back: %s', async (fault, end) => {
    const { out } = await check(`only_path: /v1/messages\nrules:\n  - fault: ${fault}\n`);
    expect(out).toContain(`  Of all calls, only those to /v1/messages may fail${end}\n`);
  });

  it('lets the environment have its say', async () => {
    expect((await check('status_code: 500\n', { AEP_STATUS_CODE: '529' })).out).toContain(
      '529 overloaded_error',
    );
  });

  it('refuses what a start would refuse', async () => {
    const { code, out, err } = await check(
      'rules:\n  - fault: overloaded\n  - name: late\n    fault: overloaded\n',
    );
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(/^error: faults\.yaml:3:5: rules\[1\]: /);
  });
});

describe('errors', () => {
  it('lists every error of the catalogue once', async () => {
    const cli = await testCli();
    expect(await cli.run('errors')).toBe(0);
    const names = cli
      .stdout()
      .split('\n')
      .flatMap((line) => /^\d{3} +(\S+)/.exec(line)?.[1] ?? []);
    expect(names).toEqual(errorCatalogue.map(({ name }) => name));
  });
});
