/** The same file and seed decide alike at any concurrency, and an event log repeats what it recorded. */
import { readFileSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { type Cli, testCli } from '../run/cli.ts';
import { atEnd } from '../support/proxy.ts';

const CALLS = 1_000;

const FILE = `
rules:
  - name: probes
    when: { header: { x-kind: probe } }
    pass: true
  - name: first-two
    trigger: { first: 2 }
    fault: overloaded
  - name: flaky
    trigger: { probability: 0.2 }
    outcomes:
      - { weight: 3, fault: { kind: http-error, status: 500 } }
      - { weight: 1, fault: rate-limit }
  - name: every-tenth
    trigger: { every: 10 }
    fault: { kind: http-error, status: 503 }
`;

interface Decided {
  readonly type: string;
  readonly ordinal: number;
  readonly rule: string | null;
  readonly nth: number;
  readonly faults: readonly string[];
}

interface Run {
  readonly cli: Cli;
  readonly log: string;
  /** What was decided by ordinal: rule, number of the match, faults. */
  readonly decided: readonly string[];
  /** Statuses that clients got, and how often. */
  readonly statuses: Readonly<Record<string, number>>;
}

/** Runs the proxy on a file, sends the calls, and reads its event log. */
async function run(text: string, inFlight: number, ...flags: string[]): Promise<Run> {
  const cli = await testCli();
  const place = (name: string): string => join(cli.folder, name);
  writeFileSync(place('aep.yaml'), text);
  const code = cli.run(
    ...['--standalone', '--upstream', 'mock', '--proxy-port', '0', '--state-dir', cli.folder, '--quiet'],
    ...['--config', 'aep.yaml', '--ready-file', 'ready.json', '--event-log', 'events.jsonl', ...flags],
  );
  atEnd(() => {
    cli.signal(2);
    return code;
  });
  await expect.poll(() => readFileSync(place('ready.json'), 'utf8'), { timeout: 10_000 }).toContain('"url"');
  const { url } = JSON.parse(readFileSync(place('ready.json'), 'utf8')) as { url: string };
  // Only messages are limited.
  const statuses = await load(url, inFlight, text.includes('kind: rate-limit') ? MESSAGE : undefined);
  cli.signal(2);
  expect(await code).toBe(0);
  const log = place('events.jsonl');
  return { cli, log, statuses, decided: decisions(log) };
}

function decisions(log: string): string[] {
  return readFileSync(log, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Decided)
    .filter(({ type }) => type === 'exchange.decided')
    .sort((a, b) => a.ordinal - b.ordinal)
    .map(({ rule, nth, faults }) => `${rule} ${nth} ${faults.join()}`);
}

const MESSAGE = JSON.stringify({
  model: 'claude-haiku-5-5',
  max_tokens: 5,
  messages: [{ role: 'user', content: 'words=1' }],
});

/** @param body of a message; without it, calls that need none */
async function load(
  url: string,
  inFlight: number,
  body: string | undefined,
): Promise<Record<string, number>> {
  const agent = new http.Agent({ keepAlive: true, maxSockets: inFlight });
  const statuses: Record<string, number> = {};
  let left = CALLS;
  const one = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const path = body === undefined ? '/api/hello' : '/v1/messages';
      const headers = {
        'x-api-key': 'k',
        'anthropic-version': '2023-06-01',
        'content-type': 'application/json',
      };
      http
        .request(
          `${url}${path}`,
          { agent, headers, method: body === undefined ? 'GET' : 'POST' },
          (response) => {
            const status = String(response.statusCode);
            statuses[status] = (statuses[status] ?? 0) + 1;
            response.resume().on('end', resolve);
          },
        )
        .on('error', reject)
        .end(body);
    });
  await Promise.all(
    Array.from({ length: inFlight }, async () => {
      while (left-- > 0) await one();
    }),
  );
  agent.destroy();
  return statuses;
}

it('decides 1,000 calls alike with 1, 10 and 100 in flight', async () => {
  const serial = await run(FILE, 1, '--seed', '42');
  expect(serial.decided).toHaveLength(CALLS);
  expect(Object.keys(serial.statuses).sort()).toEqual(['200', '429', '500', '503', '529']);
  for (const inFlight of [10, 100]) {
    const other = await run(FILE, inFlight, '--seed', '42');
    expect(other.decided).toEqual(serial.decided);
    expect(other.statuses).toEqual(serial.statuses);
  }
  expect((await run(FILE, 10, '--seed', '43')).decided).not.toEqual(serial.decided);
}, 60_000);

it('repeats a recorded run from its event log, seed and all', async () => {
  // No seed is given: it is drawn, and the log alone knows it. A cooldown depends on time: only a replay repeats it.
  const text = FILE.replace('trigger: { every: 10 }', 'trigger: { probability: 0.9 }\n    cooldown: 20ms');
  const recorded = await run(text, 10);
  expect(recorded.decided.filter((line) => line.startsWith('every-tenth')).length).toBeGreaterThan(1);
  const replayed = await run(text, 10, '--replay', recorded.log);
  expect(replayed.decided).toEqual(recorded.decided);
  expect(replayed.statuses).toEqual(recorded.statuses);
}, 60_000);

it('repeats what a rate limit refused, though the calls come at another pace', async () => {
  const rule = '{ name: limits, fault: { kind: rate-limit, requests_per_minute: 6000, burst: 500ms } }';
  const recorded = await run(`rules:\n  - ${rule}\n`, 10);
  expect(Object.keys(recorded.statuses)).toEqual(['200', '429']);
  const replayed = await run(`rules:\n  - ${rule}\n`, 2, '--replay', recorded.log);
  expect(replayed.decided).toEqual(recorded.decided);
  expect(replayed.statuses).toEqual(recorded.statuses);
}, 60_000);

it('repeats what was decided on connections', async () => {
  const { folder } = await testCli();
  const log = join(folder, 'recorded.jsonl');
  const recorded = (rest: object): string => `${JSON.stringify({ v: 1, at: 1, ...rest })}\n`;
  const slow = { type: 'connection.decided', rule: 'slow' };
  writeFileSync(
    log,
    recorded({ type: 'rules.armed', seed: '7', rules: ['slow'] }) +
      recorded({ ...slow, nth: 2, ordinal: 2 }) +
      recorded({ ...slow, nth: 4, ordinal: 4 }),
  );
  // The rule itself would fire on the first connection, and the recording says otherwise.
  const rule = '{ name: slow, trigger: { first: 1 }, fault: { kind: slow-accept, delay: 1ms } }';
  const replayed = await run(`rules:\n  - ${rule}\n`, 5, '--replay', log);
  const connections = readFileSync(replayed.log, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Decided)
    .filter(({ type }) => type === 'connection.decided');
  expect(connections).toMatchObject([
    {
      rule: 'slow',
      nth: 2,
      ordinal: 2,
      faults: ['slow-accept'],
      why: expect.stringContaining('as recorded'),
    },
    { rule: 'slow', nth: 4, ordinal: 4 },
  ]);
}, 60_000);

it('refuses a recording that does not fit', async () => {
  const cli = await testCli();
  const line = (rest: string): string => `{"v":1,"at":1,${rest}}\n`;
  const armed = line('"type":"rules.armed","seed":"7","rules":["default"]');
  const decided = line('"type":"exchange.decided","rule":"other","nth":1,"ordinal":1');
  const cases: readonly (readonly [string, readonly string[], string])[] = [
    [armed, ['--seed', '8'], 'was made with the seed 7, and --seed is 8'],
    [line('"type":"notice"'), [], 'does not hold its seed'],
    [armed + armed, [], 'the rules were changed while this was recorded'],
    [armed + decided, [], 'a rule other that is not among these rules'],
    [`${armed}nonsense\n`, [], 'log.jsonl:2:1: this is no line of an event log'],
    ['', [], 'this event log is empty'],
    [armed, ['--watch', '--config', 'aep.yaml'], '--watch and --replay'],
  ];
  writeFileSync(join(cli.folder, 'aep.yaml'), 'status_code: 529\n');
  for (const [log, flags, says] of cases) {
    writeFileSync(join(cli.folder, 'log.jsonl'), log);
    expect(await cli.run('--standalone', '--replay', 'log.jsonl', ...flags), says).toBe(2);
    expect(cli.stderr()).toContain(says);
  }
});
