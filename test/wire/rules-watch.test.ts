/** `--watch`: under load, while the file changes, each call is decided by one whole version of it. */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { type Cli, testCli } from '../run/cli.ts';
import { atEnd } from '../support/proxy.ts';

/** That it comes to pass is what counts; on a busy machine it takes a while. */
const PATIENCE_MS = 60_000;

interface Running {
  readonly cli: Cli;
  readonly url: string;
  readonly config: string;
  /** Writes the file and waits until it is armed or refused. @returns what was said of it */
  change(text: string, how?: 'replace' | 'write'): Promise<string>;
  stop(): Promise<number>;
}

async function running(text: string, ...flags: string[]): Promise<Running> {
  const cli = await testCli();
  const config = join(cli.folder, 'aep.yaml');
  const ready = join(cli.folder, 'ready.json');
  writeFileSync(config, text);
  const code = cli.run(
    ...['--standalone', '--upstream', 'mock', '--proxy-port', '0', '--state-dir', cli.folder, '--quiet'],
    ...['--config', config, '--ready-file', ready, '--watch', ...flags],
  );
  const { url } = await expect
    .poll(() => JSON.parse(readFileSync(ready, 'utf8')) as { url: string }, { timeout: PATIENCE_MS })
    .toBeTruthy()
    .then(() => JSON.parse(readFileSync(ready, 'utf8')) as { url: string });
  atEnd(() => {
    cli.signal(2);
    return code;
  });
  let changes = 0;
  return {
    cli,
    url,
    config,
    async change(next, how = 'write') {
      changes += 1;
      if (how === 'write') writeFileSync(config, next);
      else {
        writeFileSync(`${config}.new`, next);
        renameSync(`${config}.new`, config);
      }
      const said = new RegExp(`^note: change ${changes} of .*$`, 'm');
      await expect.poll(() => said.test(cli.stderr()), { timeout: PATIENCE_MS, interval: 5 }).toBe(true);
      return said.exec(cli.stderr())![0];
    },
    stop: () => {
      cli.signal(2);
      return code;
    },
  };
}

function call(url: string, agent: http.Agent): Promise<http.IncomingMessage> {
  return new Promise((resolve, reject) => {
    http
      .get(`${url}/api/hello`, { agent }, (response) => response.resume().on('end', () => resolve(response)))
      .on('error', reject);
  });
}

/** Marked in three places, in two rules, one of which takes each call by chance: a mixture would show. */
function version(n: number): string {
  const rule = (name: string, trigger: string): string => `
  - name: v${n}-${name}
    trigger: ${trigger}
    fault: { kind: http-error, status: ${400 + n}, headers: { x-version: '${n}' } }`;
  return `seed: 42\nrules:${rule('some', '{ probability: 0.5 }')}${rule('rest', 'always')}\n`;
}

const BAD = [
  'rules: [',
  'rules:\n  - fault: no-such-fault\n',
  'rules:\n  - fault: overloaded\n    trigger: { first: -1 }\n',
  `target_host: other.example\n${version(99)}`,
  'seed: 42\nrulez: []\n',
];

it('decides each of 10,000 calls by one whole version while the file changes 50 times', async () => {
  const { url, change, stop } = await running(version(0));
  const agent = new http.Agent({ keepAlive: true, maxSockets: 20 });
  const seen = new Set<number>();
  const mixed: string[] = [];
  let armed = 0;
  let calls = 0;
  let changing = true;
  const load = Array.from({ length: 20 }, async () => {
    while (changing || calls < 10_000) {
      calls += 1;
      const before = armed;
      const { statusCode, headers } = await call(url, agent);
      const marker = String(headers['x-injected-fault']);
      const n = Number(headers['x-version']);
      seen.add(n);
      // The version that was armed before the call, or a later one; never one that was refused.
      if (statusCode !== 400 + n || !marker.startsWith(`v${n}-`) || n < before || n > 50)
        mixed.push(`${statusCode} ${marker} ${n} (armed before: ${before})`);
    }
  });
  const good: number[] = [0];
  for (let n = 1; n <= 50; n++) {
    const bad = n % 3 === 0;
    const said = await change(
      bad ? `${BAD[n % BAD.length]}# ${n}\n` : version(n),
      n % 2 === 0 ? 'replace' : 'write',
    );
    expect(said).toMatch(bad ? /refused, the rules stay: \S/ : /is armed: 2 rules, 0 as before/);
    if (bad) continue;
    armed = n;
    good.push(n);
  }
  changing = false;
  await Promise.all(load);
  agent.destroy();
  expect(mixed).toEqual([]);
  expect(calls).toBeGreaterThanOrEqual(10_000);
  expect([...seen].every((n) => good.includes(n))).toBe(true);
  expect(seen.size).toBeGreaterThan(10);
  expect((await call(url, new http.Agent())).headers['x-version']).toBe('50');
  expect(await stop()).toBe(0);
}, 180_000);

it('keeps the counters of rules that stay, and refuses what needs a restart', async () => {
  const rule = (first: number, name: string): string =>
    `  - { name: ${name}, trigger: { first: ${first} }, fault: { kind: http-error, status: 529 } }\n`;
  const { url, change, stop } = await running(`seed: 1\nrules:\n${rule(2, 'a')}`);
  const agent = new http.Agent({ keepAlive: true });
  const status = async (): Promise<number | undefined> => (await call(url, agent)).statusCode;
  expect(await status()).toBe(529);
  expect(await change(`seed: 1\nrules:\n${rule(2, 'a')}${rule(1, 'b')}`, 'replace')).toContain(
    '2 rules, 1 as before',
  );
  // Rule b counts calls from here on, whoever takes them; a has one left.
  expect([await status(), await status(), await status()]).toEqual([529, 200, 200]);
  for (const [key, text] of [
    ['proxy_port', 'proxy_port: 1'],
    ['target_host', 'target_host: other.example'],
    ['state_dir', 'state_dir: elsewhere'],
  ] as const) {
    // The flags win over the file: what they fix, the file does not change.
    const said = await change(`seed: 1\n${text}\nrules:\n${rule(9, key.replace('_', ''))}`);
    if (key === 'target_host')
      expect(said).toContain('target_host was changed, and only a start reads it: restart');
    else expect(said).toContain('is armed');
  }
  agent.destroy();
  expect(await stop()).toBe(0);
}, 60_000);

it('keeps names and counters of rules without a name when one is put before them', async () => {
  const rule = (status: number, trigger: string): string =>
    `  - { trigger: ${trigger}, fault: { kind: http-error, status: ${status} } }\n`;
  const { url, change, stop } = await running(`seed: 1\nrules:\n${rule(529, '{ first: 2 }')}`);
  const agent = new http.Agent({ keepAlive: true });
  const told = async () => {
    const { statusCode, headers } = await call(url, agent);
    return `${statusCode} ${headers['x-injected-fault']}`;
  };
  expect(await told()).toBe('529 http-error-1/http-error');
  expect(await change(`seed: 1\nrules:\n${rule(500, '{ nth: 2 }')}${rule(529, '{ first: 2 }')}`)).toContain(
    '2 rules, 1 as before',
  );
  expect([await told(), await told(), await told()]).toEqual([
    '529 http-error-1/http-error',
    '500 http-error-2/http-error',
    '200 undefined',
  ]);
  agent.destroy();
  expect(await stop()).toBe(0);
});

it('has nothing to watch without a file', async () => {
  const cli = await testCli();
  expect(await cli.run('--standalone', '--watch')).toBe(2);
  expect(cli.stderr()).toBe('error: --watch has no file to watch: name it with --config FILE.\n');
});
