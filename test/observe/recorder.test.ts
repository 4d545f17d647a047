/** The event log: what is on disk, and when. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { ProxyEvent } from '../../src/core/events.ts';
import { Words } from '../../src/core/phrase.ts';
import type { Problem } from '../../src/core/problem.ts';
import { encodeEvent } from '../../src/observe/encode-event.ts';
import { cannotWrite } from '../../src/observe/output-file.ts';
import { checkEventLogFile, EventLog } from '../../src/observe/recorder.ts';
import { directoryWith, problemOf } from '../config/support.ts';
import { applied, decided, ended, failed, head, injected, notice, skippedFault } from './sample-events.ts';

const fail = { onFailure: (problem: Problem) => expect.unreachable(problem.message) };
const types = (file: string) =>
  readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => (JSON.parse(line) as { type: string }).type);

describe('the event log', () => {
  afterEach(() => vi.useRealTimers());

  it('holds every event once it is closed, those from before it was opened too', () => {
    const file = join(directoryWith(), 'e.jsonl');
    const log = new EventLog(file, fail);
    const events = injected(1);
    log.record(events[0]!);
    expect(existsSync(file)).toBe(false);
    log.open();
    for (const event of events.slice(1)) log.record(event);
    log.close();
    log.record(events[0]!);
    log.close();
    expect(types(file)).toEqual(['exchange.decided', 'fault.applied', 'exchange.head', 'exchange.ended']);
  });

  it('is written after a tenth of a second at the latest, and at once when much is held', () => {
    vi.useFakeTimers();
    const file = join(directoryWith(), 'e.jsonl');
    const log = new EventLog(file, fail);
    log.open();
    log.record(decided(1));
    expect(readFileSync(file, 'utf8')).toBe('');
    vi.advanceTimersByTime(100);
    expect(types(file)).toEqual(['exchange.decided']);
    for (let i = 0; i < 1200; i++) log.record(decided(i));
    expect(types(file).length).toBeGreaterThan(100);
    log.close();
    expect(types(file)).toHaveLength(1201);
  });

  it('keeps events and lines of others in the order in which they came, however many', () => {
    const file = join(directoryWith(), 'e.jsonl');
    const log = new EventLog(file, fail);
    log.open();
    for (let i = 0; i < 3000; i++) {
      if (i % 7 === 0) log.append(encodeEvent(ended(i)));
      else log.record(i % 2 === 0 ? head(i) : applied(i));
      if (i === 1000) log.flush();
    }
    log.close();
    const numbers = readFileSync(file, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as { exchange: number }).exchange);
    expect(numbers).toEqual(Array.from({ length: 3000 }, (_, i) => i));
  });

  it('holds calls that are answered at once like all others', () => {
    const file = join(directoryWith(), 'e.jsonl');
    const log = new EventLog(file, fail);
    log.open();
    const FIRES = new Words('rule default fires on its match ');
    const ALWAYS = new Words('fires always');
    const COLON = new Words(': ');
    const events = Array.from({ length: 500 }, (_, i) => {
      const exchange = 5000 + i;
      const change = { at: 1_790_000_000_000 + i, ms: 0.4 };
      const [first, second, third, last] = injected(exchange).map((event) => ({ ...event, ...change }));
      const decision = { ...first, phrase: [FIRES, exchange, COLON, ALWAYS] } as ProxyEvent;
      // Some are told amid others.
      return [decision, second, third, ...(i % 5 === 0 ? [notice('x', 'y')] : []), last] as ProxyEvent[];
    }).flat();
    for (const event of events) log.record(event);
    log.close();
    expect(readFileSync(file, 'utf8')).toBe(events.map(encodeEvent).join(''));
  });

  it('ends when an event cannot be told, with a report and all events before it', () => {
    const problems: string[] = [];
    const file = join(directoryWith(), 'e.jsonl');
    const log = new EventLog(file, {
      onFailure: ({ message }) => problems.push(message),
    });
    log.open();
    const broken = Object.defineProperty(decided(1), 'faults', {
      get: () => {
        throw new Error('no such faults');
      },
    });
    log.record(head(1));
    log.record(broken);
    log.record(head(2));
    log.flush();
    log.record(decided(2));
    log.close();
    expect(problems).toEqual([expect.stringMatching(/ended early.*no such faults/)]);
    expect(types(file)).toEqual(['exchange.head']);
  });

  it('replaces an older event log, whole', () => {
    const file = join(directoryWith(), 'e.jsonl');
    for (const count of [3, 1]) {
      const log = new EventLog(file, fail);
      log.open();
      for (let i = 0; i < count; i++) log.record(ended(i));
      log.close();
    }
    expect(types(file)).toHaveLength(1);
  });

  it.each([
    decided(1),
    applied(0),
    skippedFault(1, 'x'),
    head(1),
    ended(1),
    failed(1, 'io', 'x'),
    notice('x', 'y'),
    { v: 1, type: 'rules.armed', at: 1, seed: '1', rules: ['default'] } as const,
  ])('is known again, whatever it begins with: $type', (event) => {
    const file = join(directoryWith(), 'e.jsonl');
    for (const _run of [1, 2]) {
      const log = new EventLog(file, fail);
      log.record(event);
      log.open();
      log.close();
    }
    expect(types(file)).toEqual([event.type]);
  });

  it.each([
    ['a ready file', '{"v":1,"type":"ready","at":1}\n'],
    ['a text', 'dear diary\n'],
    ['other JSON', '{"v":2,"at":1}\n'],
    ['a short text', '{'.repeat(3)],
  ])('leaves %s as it is', (_name, content) => {
    const cwd = directoryWith({ 'e.jsonl': content });
    const file = join(cwd, 'e.jsonl');
    expect(problemOf(() => checkEventLogFile(file))).toContain('is no event log: it stays as it is');
    expect(problemOf(() => new EventLog(file, fail).open())).toContain('is no event log');
    expect(readFileSync(file, 'utf8')).toBe(content);
  });

  it('may go where nothing or an empty file is; checking makes nothing', () => {
    const cwd = directoryWith({ 'empty.jsonl': '' });
    checkEventLogFile(join(cwd, 'empty.jsonl'));
    checkEventLogFile(join(cwd, 'new.jsonl'));
    expect(existsSync(join(cwd, 'new.jsonl'))).toBe(false);
  });

  it('refuses a directory, and one that is not there', () => {
    const cwd = directoryWith();
    expect(problemOf(() => checkEventLogFile(cwd))).toContain('is a directory');
    expect(problemOf(() => checkEventLogFile(join(cwd, 'no/e.jsonl')))).toContain('does not exist');
  });

  it.each(['EACCES', 'EPERM', 'EROFS'])('says what to do about %s', (code) => {
    const problem = cannotWrite(
      '/x/e.jsonl',
      { what: 'event log', flag: '--event-log', isOurs: () => true },
      { code },
    );
    expect([problem.code, problem.message]).toEqual([
      'no-permission',
      'the event log /x/e.jsonl may not be written by you: name another file with --event-log',
    ]);
  });

  it.skipIf(process.platform === 'win32')('is for its owner alone', () => {
    const file = join(directoryWith(), 'e.jsonl');
    const log = new EventLog(file, fail);
    log.open();
    log.close();
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });
});
