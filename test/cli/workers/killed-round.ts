/** One run of `--workers` under traffic, of which workers are killed: how it ended, and what it told of it. */
import { existsSync, readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import type { Ready } from '../../../src/cli/ready.ts';
import type { ProxyEvent } from '../../../src/core/events.ts';
import type { Summary } from '../../../src/observe/summary.ts';
import { startProgram } from '../built-program.ts';

export interface Round {
  /** `--quiet`, and `--event-log` with what is told in it. */
  readonly flags: readonly string[];
  /** How many of the two workers are killed. */
  readonly kills: 1 | 2;
  /** The moment, in milliseconds after the first answer. */
  readonly killAfter: number;
  /** Milliseconds between a signal to the first process and the kill; none where there is no signal. */
  readonly signalBefore?: number;
}

/** Rounds that differ in all of it, the same for each seed. */
export function roundsOf(count: number, draw: () => number): Round[] {
  const flags = [[], ['--quiet'], ['--event-log', 'e.jsonl'], ['--quiet', '--event-log', 'e.jsonl']];
  return Array.from({ length: count }, (_, i) => ({
    flags: flags[i % 4]!,
    kills: i % 5 === 4 ? 2 : 1,
    killAfter: Math.floor(draw() * 300),
    ...(i % 3 === 2 ? { signalBefore: Math.floor(draw() * 60) } : {}),
  }));
}

type Outcome = 'answered' | 'broken off' | 'refused';

interface Line {
  readonly type: string;
}

/** Asserts that the run ends, with an error, and that all of it is told; and that no client is left waiting. */
export async function playKilledRound(main: string, round: Round): Promise<void> {
  const told = JSON.stringify(round);
  const program = startProgram(main, [
    ...['--standalone', '--proxy-port', '0', '--upstream', 'mock', '--seed', '7', '--workers', '2'],
    ...['--log-format', 'json', '--error-probability', '0.2', '--ready-file', 'r.json', ...round.flags],
  ]);
  const [line] = await program.until(/^\{.*"type":"ready".*\n/m);
  const { url, workers = [] } = JSON.parse(line) as Ready;

  let over = false;
  let answers = 0;
  let firstAnswer = (): void => {};
  const answered = new Promise<void>((resolve) => {
    firstAnswer = resolve;
  });
  // Half of them with a connection for each call: some are on their way to a worker when it is killed.
  const clients = Array.from({ length: 8 }, async (_, i) => {
    const agent = new Agent({ keepAlive: i % 2 === 0, maxSockets: 1 });
    for (let broken = 0; !over && broken < 5; ) {
      const outcome = await callOnce(url, agent, i % 4 === 3);
      if (outcome === 'answered') {
        answers++;
        firstAnswer();
      } else broken++;
    }
    agent.destroy();
  });

  await answered;
  await sleep(round.killAfter);
  if (round.signalBefore !== undefined) {
    program.child.kill('SIGTERM');
    await sleep(round.signalBefore);
  }
  for (const pid of workers.slice(0, round.kills)) kill(pid);
  const code = await program.ended;
  over = true;
  await Promise.all(clients);

  const lines = program
    .stdout()
    .trimEnd()
    .split('\n')
    .map((text) => JSON.parse(text) as Line);
  const summaries = lines.filter(({ type }) => type === 'summary') as (Line & Summary)[];
  expect(summaries, told).toHaveLength(1);
  const [summary] = summaries;
  const { seen, injected, passed, natural, abandoned, stopped } = summary!;
  expect(injected + passed + natural + abandoned + stopped, told).toBe(seen);
  expect(existsSync(join(program.folder, 'r.json')), told).toBe(false);
  expect(workers.some(isAlive), told).toBe(false);

  // Whoever was told to stop may have ended in order before it could be killed.
  if (round.signalBefore === undefined || code !== 0) {
    expect(code, told).toBe(1);
    expect(summary, told).toHaveProperty(
      'uncounted',
      expect.stringMatching(/^calls of worker process(es)? \d/),
    );
    expect(program.stderr(), told).toMatch(
      new RegExp(
        `^error: the worker process (${workers.slice(0, round.kills).join('|')}) ended by itself .*\\n$`,
      ),
    );
  } else {
    expect(program.stderr(), told).toBe('');
    expect(summary, told).not.toHaveProperty('uncounted');
    expect(seen, told).toBeGreaterThanOrEqual(answers);
  }
  const shown = lines.filter(({ type }) => type === 'exchange');
  if (!round.flags.includes('--quiet')) expect(shown, told).toHaveLength(seen);
  if (!round.flags.includes('--event-log')) return;

  const events = readFileSync(join(program.folder, 'e.jsonl'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((text) => JSON.parse(text) as ProxyEvent);
  const exchanges = (type: ProxyEvent['type']): number[] =>
    events.filter((event) => event.type === type).map((event) => ('exchange' in event ? event.exchange : 0));
  const ended = exchanges('exchange.ended');
  expect(new Set(ended).size, told).toBe(ended.length);
  expect(ended, told).toHaveLength(seen);
  const last = events.at(-1)!;
  expect('message' in last ? last.message : '', told).toMatch(
    new RegExp(`^${seen} calls(; not counted: .+)?$`),
  );
  if (!round.flags.includes('--quiet')) {
    expect(exchanges('exchange.decided').sort(), told).toEqual(ended.sort());
  }
  if (code === 1)
    expect(
      events.filter((event) => event.type === 'notice' && event.code === 'worker-lost').length,
      told,
    ).toBeGreaterThan(0);
}

/** Settles with the answer's end, or with that of the connection. @param streams a slow answer, which a kill cuts */
function callOnce(url: string, agent: Agent, streams: boolean): Promise<Outcome> {
  const body = JSON.stringify({
    ...{ model: 'claude-haiku-4-5', max_tokens: 20, stream: true },
    messages: [{ role: 'user', content: 'hello' }],
  });
  return new Promise((resolve) => {
    const call = request(
      `${url}${streams ? '/v1/messages' : '/v1/models'}`,
      {
        agent,
        method: streams ? 'POST' : 'GET',
        headers: {
          'x-api-key': 'any',
          'anthropic-version': '2023-06-01',
          'content-type': 'application/json',
        },
      },
      (answer) => {
        answer.resume();
        answer.on('end', () => resolve('answered'));
        answer.on('error', () => resolve('broken off'));
      },
    );
    call.on('error', (error: NodeJS.ErrnoException) =>
      resolve(error.code === 'ECONNREFUSED' ? 'refused' : 'broken off'),
    );
    call.end(streams ? body : undefined);
  });
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended in order.
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
