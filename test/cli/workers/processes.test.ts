/** `--workers` as processes: who serves, what it adds up to, how it ends, and what it refuses. */
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer as createTcpServer } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { Agent, request } from 'undici';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { Ready } from '../../../src/cli/ready.ts';
import type { ExchangeDecided, ProxyEvent } from '../../../src/core/events.ts';
import { createRandom } from '../../../src/core/random.ts';
import type { Summary } from '../../../src/observe/summary.ts';
import { freePort } from '../../support/ports.ts';
import { buildProgram, type Running, startProgram } from '../built-program.ts';
import { isOpen } from '../is-open.ts';
import { slowUpstream } from '../slow-upstream.ts';

let main: string;
beforeAll(async () => {
  main = await buildProgram();
}, 60_000);

const HAS_IPV6 = Object.values(networkInterfaces()).some((all) =>
  all?.some(({ address }) => address === '::1'),
);
const ANY_KEY = { 'x-api-key': 'any', 'anthropic-version': '2023-06-01' };
const SERVE = ['--standalone', '--proxy-port', '0', '--upstream', 'mock', '--seed', '7', '--workers', '2'];
const JSON_LINES = ['--log-format', 'json'];
const start = (...args: string[]): Running => startProgram(main, [...SERVE, ...args]);

function lines<T>(text: string): T[] {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as T);
}

/** Of a run with `--log-format json`. */
async function readyOf(program: Running): Promise<Ready & { workers: readonly number[] }> {
  const [line] = await program.until(/^\{.*"type":"ready".*\n/m);
  return JSON.parse(line) as Ready & { workers: readonly number[] };
}

function summaryOf(program: Running): Summary {
  return lines<Summary & { type: string }>(program.stdout()).find(({ type }) => type === 'summary')!;
}

/** Calls over connections of their own, which stay open till all are answered. @returns their statuses */
async function call(url: string, connections: number, each: number): Promise<number[]> {
  const statuses = await Promise.all(
    Array.from({ length: connections }, async () => {
      const agent = new Agent({ connections: 1, pipelining: 1 });
      const seen: number[] = [];
      for (let i = 0; i < each; i++) {
        const { statusCode, body } = await request(`${url}/v1/models`, {
          dispatcher: agent,
          headers: ANY_KEY,
        });
        await body.dump();
        seen.push(statusCode);
      }
      await agent.close();
      return seen;
    }),
  );
  return statuses.flat();
}

const passTo = ({ url }: { url: string }): string[] => ['--upstream', url, '--error-probability', '0'];

/** A port that nobody listens on. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe('two workers', () => {
  it('both serve, each connection whole, and record every event with numbers that no other has', async () => {
    const program = start(
      ...JSON_LINES,
      ...['--error-probability', '0.4', '--status-code', '529', '--event-log', 'e.jsonl'],
    );
    const { url, pid, workers } = await readyOf(program);
    expect(new Set([pid, ...workers]).size).toBe(3);
    expect(workers.every(isAlive)).toBe(true);
    const statuses = await call(url, 8, 25);
    program.child.kill('SIGTERM');
    expect([await program.ended, program.stderr()]).toEqual([0, '']);
    expect(workers.some(isAlive)).toBe(false);

    const injected = statuses.filter((status) => status === 529).length;
    expect(summaryOf(program)).toMatchObject({ seen: 200, injected, passed: 200 - injected, natural: 0 });
    expect(lines<{ type: string }>(program.stdout()).filter(({ type }) => type === 'exchange')).toHaveLength(
      200,
    );

    const log = lines<ProxyEvent>(readFileSync(join(program.folder, 'e.jsonl'), 'utf8'));
    expect(log.filter(({ type }) => type === 'rules.armed')).toEqual([log[0]]);
    const of = <T extends ProxyEvent['type']>(type: T) =>
      log.filter((event): event is Extract<ProxyEvent, { type: T }> => event.type === type);
    const decided = of('exchange.decided');
    for (const numbers of [
      decided.map(({ exchange }) => exchange),
      of('exchange.ended').map((e) => e.exchange),
    ])
      expect(new Set(numbers).size).toBe(200);
    expect(of('fault.applied')).toHaveLength(injected);
    // By round robin both had their share; the numbers of one are odd, those of the other even.
    const connections = new Map<number, number>();
    for (const { connection } of decided) connections.set(connection, (connections.get(connection) ?? 0) + 1);
    expect([...connections.values()]).toEqual(Array(8).fill(25));
    expect(new Set([...connections.keys()].map((connection) => connection % 2))).toEqual(new Set([0, 1]));

    // What the seed decides on a number is what it decides in one process.
    const random = createRandom('7', 'default');
    const nth = (event: ExchangeDecided): number => event.ordinal;
    expect(new Set(decided.map(nth)).size).toBe(200);
    for (const event of decided)
      expect(event.rule === 'default', `match ${nth(event)}`).toBe(random.draw(nth(event)) < 0.4);
  });

  it('add up their counts in a quiet run, whose processes send no calls', async () => {
    const program = start(...JSON_LINES, '--quiet', '--error-probability', '0.4', '--status-code', '529');
    const { url } = await readyOf(program);
    const statuses = await call(url, 6, 20);
    program.child.kill('SIGTERM');
    expect([await program.ended, program.stderr()]).toEqual([0, '']);
    const injected = statuses.filter((status) => status === 529).length;
    expect(injected).toBeGreaterThan(0);
    expect(summaryOf(program)).toMatchObject({
      ...{ seen: 120, injected, passed: 120 - injected },
      byFault: { 'default/http-error': injected },
    });
    expect(lines<{ type: string }>(program.stdout()).map(({ type }) => type)).toEqual(['ready', 'summary']);
  });

  it('say a warning once, though each meets the trouble', async () => {
    const program = start('--quiet', ...passTo({ url: `http://127.0.0.1:${await freePort()}` }));
    const [, url = ''] = await program.until(/^listening on (\S+), seed 7, 2 workers$/m);
    expect(new Set(await call(url, 6, 4))).toEqual(new Set([502]));
    program.child.kill('SIGTERM');
    expect(await program.ended).toBe(0);
    expect(program.stdout()).toContain('24 failed by themselves');
    expect(program.stdout()).toContain('upstream-refused 24×');
    expect(program.stderr().match(/refused the connection/g)).toHaveLength(1);
  });

  it('may take connections themselves, if Node is told so', async () => {
    const program = startProgram(main, [...SERVE, ...JSON_LINES, '--quiet'], {
      NODE_CLUSTER_SCHED_POLICY: 'none',
    });
    const { url } = await readyOf(program);
    await call(url, 8, 5);
    program.child.kill('SIGTERM');
    expect([await program.ended, program.stderr()]).toEqual([0, '']);
    expect(summaryOf(program).seen).toBe(40);
  });

  it('intercept with one CA', async () => {
    const program = start(...JSON_LINES, '--error-probability', '1', '--event-log', 'e.jsonl');
    const { url, ca } = await readyOf(program);
    const { ProxyAgent } = await import('undici');
    for (let i = 0; i < 6; i++) {
      const agent = new ProxyAgent({ uri: url, requestTls: { ca: readFileSync(ca!, 'utf8') } });
      const { statusCode, body } = await request('https://api.anthropic.com/v1/models', {
        dispatcher: agent,
        headers: ANY_KEY,
      });
      await body.dump();
      await agent.close();
      expect(statusCode).toBe(500);
    }
    program.child.kill('SIGTERM');
    expect(await program.ended).toBe(0);
    const decided = lines<ProxyEvent>(readFileSync(join(program.folder, 'e.jsonl'), 'utf8')).filter(
      (event) => event.type === 'exchange.decided',
    );
    expect(decided.every(({ tls }) => tls)).toBe(true);
    expect(new Set(decided.map(({ connection }) => connection % 2))).toEqual(new Set([0, 1]));
  });
});

describe('TLS', () => {
  it('sessions resume in whichever process the next connection comes to', async () => {
    const program = start(...JSON_LINES);
    const { url, ca, port } = await readyOf(program);
    const trusted = readFileSync(ca!, 'utf8');
    const shake = async (session?: Buffer): Promise<{ reused: boolean; session: Buffer }> => {
      const socket = connect(port, '127.0.0.1');
      socket.write('CONNECT api.anthropic.com:443 HTTP/1.1\r\nhost: api.anthropic.com:443\r\n\r\n');
      expect(String((await once(socket, 'data'))[0])).toMatch(/^HTTP\/1\.1 200/);
      const secure = connectTls({
        ...{ socket, servername: 'api.anthropic.com', ca: trusted, maxVersion: 'TLSv1.2' },
        ...(session === undefined ? {} : { session }),
      });
      await once(secure, 'secureConnect');
      const told = { reused: secure.isSessionReused(), session: secure.getSession()! };
      secure.destroy();
      return told;
    };
    const { session } = await shake();
    for (let i = 0; i < 6; i++) expect((await shake(session)).reused, `${url}, connection ${i}`).toBe(true);
    program.child.kill('SIGTERM');
    expect(await program.ended).toBe(0);
  });
});

describe('the event log', () => {
  it('is replayed by one process', async () => {
    const errors = ['--error-probability', '0.5', '--status-code', '529'];
    const program = start(...JSON_LINES, '--quiet', ...errors, '--event-log', 'e.jsonl');
    await call((await readyOf(program)).url, 6, 10);
    program.child.kill('SIGTERM');
    expect(await program.ended).toBe(0);
    const file = join(program.folder, 'e.jsonl');
    const fired = new Map(
      lines<ProxyEvent>(readFileSync(file, 'utf8'))
        .filter((event) => event.type === 'exchange.decided')
        .map(({ ordinal, rule }) => [ordinal, rule !== null]),
    );
    expect(fired.size).toBe(60);
    const again = startProgram(main, [
      ...['--standalone', '--proxy-port', '0', '--upstream', 'mock'],
      ...[...JSON_LINES, ...errors, '--replay', file],
    ]);
    const statuses = await call((await readyOf(again)).url, 1, Math.max(...fired.keys()));
    expect(statuses.map((status) => status === 529)).toEqual(
      statuses.map((_, i) => fired.get(i + 1) ?? false),
    );
  });
});

describe('time', () => {
  it('begins for all at once: a window since the start is over for both', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'aep-workers-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const config = join(folder, 'c.yaml');
    writeFileSync(config, 'rules: [{ name: later, trigger: { window: { from: 1h } }, fault: overloaded }]\n');
    // An hour of the rules is 36 ms, over before the first call can come: a second clock would begin with that.
    const program = start(...JSON_LINES, '--config', config, '--time-scale', '0.00001');
    const { url } = await readyOf(program);
    expect(new Set(await call(url, 4, 2))).toEqual(new Set([529]));
    program.child.kill('SIGTERM');
    expect(await program.ended).toBe(0);
  });
});

describe('the start', () => {
  it('takes a fixed port, on both loopback addresses, and writes the ready file', async () => {
    const port = await freePort();
    const program = start(...JSON_LINES, '--proxy-port', String(port), '--ready-file', 'r.json');
    const ready = await readyOf(program);
    expect(ready).toMatchObject({ port, url: `http://127.0.0.1:${port}`, pid: program.child.pid, seed: '7' });
    const file = join(program.folder, 'r.json');
    await expect.poll(() => existsSync(file)).toBe(true);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(ready);
    expect(await isOpen(ready.url)).toBe(true);
    expect(await isOpen(ready.url, '::1')).toBe(HAS_IPV6);
    if (HAS_IPV6) expect(await call(`http://[::1]:${port}`, 2, 1)).toHaveLength(2);
    program.child.kill('SIGTERM');
    expect(await program.ended).toBe(0);
    expect(existsSync(file)).toBe(false);
  });

  it('on a port that is taken says so once, and leaves no worker', async () => {
    const holder = createTcpServer().listen(0, '127.0.0.1');
    await once(holder, 'listening');
    onTestFinished(() => void holder.close());
    const program = start('--proxy-port', String((holder.address() as AddressInfo).port));
    expect(await program.ended).toBe(2);
    expect(program.stderr()).toMatch(/^error: port \d+ on 127\.0\.0\.1 is taken by another program.*\n$/);
    expect(program.stdout()).toBe('');
  });

  it('tells a newcomer what it gives up, and draws one seed for all', async () => {
    const program = startProgram(main, [
      ...['--standalone', '--proxy-port', '0', '--upstream', 'mock', '--workers', '3', '--for', '50ms'],
    ]);
    expect([await program.ended, program.stderr()]).toEqual([0, '']);
    expect(program.stdout()).toContain(
      'workers    3 processes; which calls fail differs from run to run, whatever the seed',
    );
    expect(program.stdout()).toMatch(/seed {7}(\d+) \(drawn; --seed \1 makes the same draws again/);
    expect(program.stdout()).toContain('No call came through');
  });

  it('is no command for users', async () => {
    const program = startProgram(main, ['__worker']);
    expect(await program.ended).toBe(2);
    expect(program.stderr()).toMatch(/^error: a worker is started by the proxy alone.*\n$/);
  });
});

describe.skipIf(process.platform === 'win32')('the end', () => {
  it('lets calls of all workers finish, and takes no new ones', async () => {
    const upstream = await slowUpstream();
    const program = start(...passTo(upstream));
    const [, url = ''] = await program.until(/listens on (http:\S+)/);
    const calls = [1, 2, 3, 4].map(() => fetch(`${url}/v1/messages`, { method: 'POST', body: '{}' }));
    await upstream.called(4);
    program.child.kill('SIGINT');
    await program.until(/calls that run may finish/);
    expect(await isOpen(url)).toBe(false);
    upstream.answer();
    for (const one of calls) expect(await (await one).text()).toBe('late but whole');
    expect([await program.ended, program.stderr()]).toEqual([0, '']);
    expect(program.stdout()).toContain('4 calls in');
  });

  it('by a signal to every process, as Ctrl-C in a terminal sends it, is the same', async () => {
    const upstream = await slowUpstream();
    const program = start(...JSON_LINES, ...passTo(upstream));
    const { url, workers } = await readyOf(program);
    const answer = fetch(`${url}/v1/messages`, { method: 'POST', body: '{}' });
    await upstream.called(1);
    for (const pid of workers) process.kill(pid, 'SIGINT');
    program.child.kill('SIGINT');
    await expect.poll(() => isOpen(url)).toBe(false);
    upstream.answer();
    expect(await (await answer).text()).toBe('late but whole');
    expect([await program.ended, program.stderr()]).toEqual([0, '']);
  });

  it.each([['--quiet'], []])(
    'by a second signal comes at once, for all, and is told %s',
    async (...flags) => {
      const upstream = await slowUpstream();
      const program = start(
        ...JSON_LINES,
        ...passTo(upstream),
        ...flags,
        '--ready-file',
        'r.json',
        '--event-log',
        'e.jsonl',
      );
      const { url } = await readyOf(program);
      const answer = fetch(`${url}/v1/messages`, { method: 'POST', body: '{}' }).catch(
        (error: unknown) => error,
      );
      await upstream.called(1);
      program.child.kill('SIGTERM');
      await expect.poll(() => isOpen(url)).toBe(false);
      program.child.kill('SIGTERM');
      expect(await program.ended).toBe(143);
      expect(await answer).toBeInstanceOf(Error);
      expect(existsSync(join(program.folder, 'r.json'))).toBe(false);
      expect(summaryOf(program)).toMatchObject({ seen: 1, stopped: 1 });
      const events = lines<ProxyEvent>(readFileSync(join(program.folder, 'e.jsonl'), 'utf8'));
      expect(events.at(-2)).toMatchObject({ type: 'exchange.ended', how: 'shutdown' });
    },
  );

  it.each([['--quiet'], []])(
    'of a killed worker ends the run with an error, and the summary of the others %s',
    async (...flags) => {
      const program = start(...JSON_LINES, ...flags, '--error-probability', '0', '--ready-file', 'r.json');
      const { url, workers } = await readyOf(program);
      // One after the other, so that connections go to the workers in turn, however busy the machine is.
      for (let i = 0; i < 4; i++) await call(url, 1, 3);
      process.kill(workers[0]!, 'SIGKILL');
      expect(await program.ended).toBe(1);
      expect(program.stderr()).toMatch(
        new RegExp(
          `^error: the worker process ${workers[0]} ended by itself \\(SIGKILL\\), .*start it again.*\\n$`,
        ),
      );
      expect(summaryOf(program).seen).toBeGreaterThanOrEqual(6);
      expect(workers.some(isAlive)).toBe(false);
      expect(existsSync(join(program.folder, 'r.json'))).toBe(false);
    },
  );

  it('of the first process is the end of its workers', async () => {
    const program = start(...JSON_LINES);
    const { url } = await readyOf(program);
    program.child.kill('SIGKILL');
    // Workers share its output: it closes when the last of them is gone.
    expect(await program.ended).toBe('SIGKILL');
    expect(await isOpen(url)).toBe(false);
  });
});
