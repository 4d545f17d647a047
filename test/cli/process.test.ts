/** The program as a process: ready, signals, exit codes, and what it leaves behind. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildProgram, type Running, startProgram } from './built-program.ts';
import { isOpen } from './is-open.ts';
import { slowUpstream } from './slow-upstream.ts';

let main: string;
beforeAll(async () => {
  main = await buildProgram();
}, 60_000);

const START = ['--standalone', '--proxy-port', '0', '--upstream', 'mock', '--seed', '7'];
const start = (...args: string[]): Running => startProgram(main, [...START, ...args]);
const ANY_KEY = { 'x-api-key': 'any', 'anthropic-version': '2023-06-01' };
const URL_LINE = /listens on (http:\S+)/;

interface Line {
  readonly type: string;
  readonly [key: string]: unknown;
}

function lines(text: string): Line[] {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
}

describe('a start', () => {
  it('prints one curl line that shows both outcomes, without a key', async () => {
    const program = start('--error-probability', '0.3', '--status-code', '429');
    await program.until(/Use it from your program/);
    const line = /^ {2}(curl .*)$/m.exec(program.stdout())?.[1] ?? '';
    const statuses = execFileSync('/bin/sh', ['-c', line], { encoding: 'utf8' }).trim().split('\n');
    expect(new Set(statuses)).toEqual(new Set(['200', '429']));
    expect(statuses).toHaveLength(20);
    // Also a check that the seed alone decides.
    const again = start('--error-probability', '0.3', '--status-code', '429');
    const [, url = ''] = await again.until(URL_LINE);
    const repeated = line.replace(/http:\/\/[^/]*/, url);
    expect(execFileSync('/bin/sh', ['-c', repeated], { encoding: 'utf8' }).trim().split('\n')).toEqual(
      statuses,
    );
    program.child.kill('SIGINT');
    expect(await program.ended).toBe(0);
    const injected = statuses.filter((status) => status === '429').length;
    expect(program.stdout()).toContain(`20 calls in`);
    expect(program.stdout()).toContain(
      `${injected} injected, ${20 - injected} passed, 0 failed by themselves.`,
    );
  });

  it('tells URL, CA and seed to programs, by one JSON line and by a file', async () => {
    const program = start('--error-probability', '0', '--log-format', 'json', '--ready-file', 'ready.json');
    await program.until(/\n/);
    const [ready] = lines(program.stdout());
    const file = join(program.folder, 'ready.json');
    await expect.poll(() => existsSync(file)).toBe(true);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(ready);
    expect(ready).toMatchObject({ v: 1, type: 'ready', seed: '7', pid: program.child.pid });
    expect(readFileSync(ready!.ca as string, 'utf8')).toContain('BEGIN CERTIFICATE');
    const models = await fetch(`${ready!.url}/v1/models`, { headers: ANY_KEY });
    expect(models.status).toBe(200);
    program.child.kill('SIGTERM');
    expect(await program.ended).toBe(0);
    expect(lines(program.stdout()).map(({ type }) => type)).toEqual(['ready', 'exchange', 'summary']);
    expect(existsSync(file)).toBe(false);
  });

  it('draws a seed and says it, one line with --quiet', async () => {
    const program = startProgram(main, [
      '--standalone',
      '--proxy-port',
      '0',
      '--upstream',
      'mock',
      '--quiet',
      '--for',
      '50ms',
    ]);
    expect(await program.ended).toBe(0);
    expect(program.stdout().split('\n')[0]).toMatch(/^listening on http:\/\/127\.0\.0\.1:\d+, seed \d+$/);
  });

  it('colours only where colours are wanted', async () => {
    const control = '\u001b[';
    const plain = start('--for', '1ms');
    const forced = startProgram(main, [...START, '--for', '1ms'], { FORCE_COLOR: '1' });
    const refused = startProgram(main, [...START, '--for', '1ms'], { FORCE_COLOR: '1', NO_COLOR: '1' });
    await Promise.all([plain.ended, forced.ended, refused.ended]);
    expect([plain, forced, refused].map((program) => program.stdout().includes(control))).toEqual([
      false,
      true,
      false,
    ]);
  });
});

describe('a second run with the same files', () => {
  it('replaces its event log and its ready file', async () => {
    const files = ['--event-log', 'e.jsonl', '--ready-file', 'r.json', '--for', '1ms'];
    const first = start(...files);
    expect([await first.ended, first.stderr()]).toEqual([0, '']);
    const log = join(first.folder, 'e.jsonl');
    expect(readFileSync(log, 'utf8')).toMatch(/^\{"v":1,"at":\d+,"type":/);
    const second = start(...files, '--event-log', log);
    expect([await second.ended, second.stderr()]).toEqual([0, '']);
  });
});

describe('an event log that is taken away', () => {
  it('is told of while the calls go on, and by the exit code', async () => {
    const program = start('--event-log', 'e.jsonl', '--error-probability', '0');
    const [, url = ''] = await program.until(URL_LINE);
    const call = async (): Promise<number> => (await fetch(`${url}/v1/models`, { headers: ANY_KEY })).status;
    expect(await call()).toBe(200);
    rmSync(join(program.folder, 'e.jsonl'));
    expect(await call()).toBe(200);
    await expect
      .poll(program.stderr)
      .toMatch(/^note: the event log .*ended early.*it was deleted or replaced\n$/);
    expect(await call()).toBe(200);
    program.child.kill('SIGTERM');
    expect(await program.ended).toBe(process.platform === 'win32' ? 'SIGTERM' : 1);
    expect(program.stdout()).toContain('3 calls in');
  });
});

describe('a second start on the same port', () => {
  it('says what to do and leaves the first alone', async () => {
    const first = start();
    const [, url = ''] = await first.until(URL_LINE);
    const second = startProgram(main, [
      '--standalone',
      '--upstream',
      'mock',
      '--proxy-port',
      new URL(url).port,
    ]);
    expect(await second.ended).toBe(2);
    expect(second.stderr()).toMatch(/^error: .*--proxy-port.*\n$/);
    expect(second.stdout()).toBe('');
    expect(await isOpen(url)).toBe(true);
  });
});

describe.skipIf(process.platform === 'win32')('the end', () => {
  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    'by %s lets a call finish, takes no new ones, and is clean',
    async (signal) => {
      const upstream = await slowUpstream();
      const program = start('--upstream', upstream.url, '--error-probability', '0');
      const [, url = ''] = await program.until(URL_LINE);
      const call = fetch(`${url}/v1/messages`, { method: 'POST', body: '{}' });
      await upstream.called(1);
      program.child.kill(signal);
      await program.until(/calls that run may finish/);
      expect(await isOpen(url)).toBe(false);
      upstream.answer();
      expect(await (await call).text()).toBe('late but whole');
      expect(await program.ended).toBe(0);
      expect(program.stdout()).toContain('1 call in');
      expect(program.stderr()).toBe('');
    },
  );

  it('by a second signal comes at once, with the event log whole', async () => {
    const upstream = await slowUpstream();
    const program = start(
      '--upstream',
      upstream.url,
      '--error-probability',
      '0',
      '--event-log',
      'e.jsonl',
      '--ready-file',
      'r.json',
    );
    const [, url = ''] = await program.until(URL_LINE);
    const call = fetch(`${url}/v1/messages`, { method: 'POST', body: '{}' }).catch((error: unknown) => error);
    await upstream.called(1);
    program.child.kill('SIGTERM');
    await program.until(/calls that run may finish/);
    program.child.kill('SIGTERM');
    expect(await program.ended).toBe(143);
    expect(await call).toBeInstanceOf(Error);
    const events = lines(readFileSync(join(program.folder, 'e.jsonl'), 'utf8'));
    expect(events.map(({ type }) => type)).toEqual([
      ...['rules.armed', 'exchange.decided', 'exchange.ended', 'notice'],
    ]);
    expect(events.at(-2)).toMatchObject({ how: 'shutdown', cause: 'natural' });
    expect(events.at(-1)).toMatchObject({ code: 'run-ended', message: '1 calls' });
    expect(program.stdout()).toContain('the proxy was stopped');
    expect(program.stdout()).toContain('1 call in');
    expect(program.stdout()).toContain('1 cut off at the end');
    expect(existsSync(join(program.folder, 'r.json'))).toBe(false);
  });

  it('comes by itself after --for', async () => {
    const program = start('--for', '100ms');
    expect(await program.ended).toBe(0);
    expect(program.stdout()).toContain('No call came through');
  });

  it('does not come because nobody reads its output', async () => {
    const program = start();
    const [, url = ''] = await program.until(URL_LINE);
    program.child.stdout!.destroy();
    program.child.stderr!.destroy();
    for (let i = 0; i < 5; i++) await (await fetch(`${url}/v1/models`, { headers: ANY_KEY })).text();
    expect(await isOpen(url)).toBe(true);
    program.child.kill('SIGTERM');
    expect(await program.ended).toBe(0);
  });
});

describe('what is shown and recorded', () => {
  it('holds neither keys nor cookies nor bodies, whatever becomes of the call', async () => {
    const secrets = [
      'sk-ant-secret-1',
      'bearer-secret-2',
      'cookie-secret-3',
      'body-secret-4',
      'query-secret-5',
    ];
    const program = start(
      '--verbose',
      '--error-probability',
      '0.5',
      '--event-log',
      'e.jsonl',
      '--log-format',
      'json',
    );
    await program.until(/\n/);
    const { url } = lines(program.stdout())[0]!;
    const call = (path: string) =>
      fetch(`${url}${path}?token=${secrets[4]}`, {
        method: 'POST',
        headers: {
          'x-api-key': secrets[0]!,
          authorization: `Bearer ${secrets[1]}`,
          cookie: `a=${secrets[2]}`,
        },
        body: JSON.stringify({
          model: 'claude-haiku-4-5',
          max_tokens: 5,
          messages: [{ role: 'user', content: secrets[3] }],
        }),
      }).then((response) => response.text());
    await Promise.all(Array.from({ length: 10 }, (_, i) => call(i % 2 ? '/v1/messages' : '/nowhere')));
    program.child.kill('SIGTERM');
    await program.ended;
    const log = readFileSync(join(program.folder, 'e.jsonl'), 'utf8');
    expect(lines(log).filter(({ type }) => type === 'exchange.ended')).toHaveLength(10);
    expect(lines(program.stdout()).filter(({ type }) => type === 'exchange')).toHaveLength(10);
    const all = log + program.stdout() + program.stderr();
    expect(secrets.filter((secret) => all.includes(secret))).toEqual([]);
  });
});

describe('the commands', () => {
  const said = async (...args: string[]): Promise<string> => {
    const program = startProgram(main, args);
    expect(await program.ended).toBe(0);
    expect(program.stderr()).toBe('');
    return program.stdout();
  };

  it('print version and help, and end well', async () => {
    const { version } = JSON.parse(
      readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8'),
    ) as Line;
    expect(await said('--version')).toBe(`${version}\n`);
    expect(await said('--help')).toContain('--error-probability <P>');
    expect(await said('ca', 'rotate', '--help')).toContain('--target-host');
  });

  it('list the errors as JSON', async () => {
    const errors = JSON.parse(await said('errors', '--json')) as { name: string; status: number }[];
    expect(errors).toContainEqual(expect.objectContaining({ name: 'overloaded', status: 529 }));
  });

  it('serve the stand-in alone', async () => {
    const program = startProgram(main, ['mock', '--proxy-port', '0']);
    const [, url = ''] = await program.until(URL_LINE);
    const answer = await fetch(`${url}/v1/models`, {
      headers: ANY_KEY,
    });
    expect(answer.status).toBe(200);
    program.child.kill('SIGTERM');
    expect(await program.ended).toBe(process.platform === 'win32' ? 'SIGTERM' : 0);
  });
});
