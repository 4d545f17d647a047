/** What is to be reached (issue 3), as data. `evaluate/judge.ts` holds a run against it. */
import type { Metric, Scenario } from './model.ts';

export interface Gate {
  /** Row of the table in issue 3. */
  readonly row: string;
  readonly scenario: string;
  readonly metric: Metric;
  readonly subject: string;
  /** The subject that it is held against, round by round; absent: the reading itself. */
  readonly versus?: string;
  /** How the two are compared: their ratio, or their difference. */
  readonly by: 'ratio' | 'difference' | 'value';
  /** Not to be exceeded (or undercut, where the metric's better way is up). Absent: only reported. */
  readonly limit?: number;
  /** Judged by its interval over {@link PAIRED_ROUNDS}, however far the limit is from 1. */
  readonly paired?: boolean;
}

/** Paired rounds from which on a tight gate is decided. */
export const PAIRED_ROUNDS = 31;

function cpu(row: string, scenario: string, subject: string, versus: string, limit?: number): Gate {
  return {
    row,
    scenario,
    metric: 'cpu',
    subject,
    versus,
    by: 'ratio',
    ...(limit === undefined ? {} : { limit }),
  };
}

/** For gates tighter than 10 %: by CPU time over many rounds, and by instructions, which neighbours on the machine do not change. */
function both(row: string, scenario: string, subject: string, versus: string, limit: number): Gate[] {
  const gate = cpu(row, scenario, subject, versus, limit);
  return [gate, { ...gate, metric: 'instructions' }];
}

const INJECT = 'injected error, intercepted keep-alive';
const PASS = 'pass-through, intercepted keep-alive';
const CONNECT = 'new TLS connection per request';
const SSE = 'SSE relay';
const LARGE = '64 MB';
const IDLE = 'idle connection';
const START = 'start to listening';

export const GATES: readonly Gate[] = [
  cpu(INJECT, 'inject', 'product', 'raw-inject', 1.15),
  cpu(INJECT, 'inject', 'product', 'mockttp', 1 / 5),

  cpu(PASS, 'pass', 'product', 'raw-pipe', 1.25),
  cpu(PASS, 'pass', 'product', 'mockttp', 1 / 8),
  cpu(PASS, 'pass', 'product', 'mitmproxy', 1 / 20),
  cpu(PASS, 'pass', 'product', 'goproxy'),
  cpu(PASS, 'pass', 'product', 'hudsucker'),

  ...both(CONNECT, 'connect-full', 'product', 'raw-inject', 1.05),
  ...both(CONNECT, 'connect-resumed', 'product', 'raw-inject', 1.05),
  {
    row: CONNECT,
    scenario: 'connect-resumed',
    metric: 'resumed',
    subject: 'product',
    by: 'value',
    limit: 0.5,
  },

  cpu(SSE, 'sse', 'product', 'raw-pipe', 1.15),
  cpu(SSE, 'sse-burst', 'product', 'raw-pipe', 1.15),
  {
    row: SSE,
    scenario: 'sse',
    metric: 'delayP99',
    subject: 'product',
    versus: 'raw-pipe',
    by: 'difference',
    limit: 0.5,
  },
  cpu(`${SSE}, filter planned`, 'sse-filter', 'product+filter', 'raw-pipe', 1.6),
  cpu(`${SSE}, filter planned`, 'sse-burst-filter', 'product+filter', 'raw-pipe', 1.6),

  ...(['down', 'up'] as const).flatMap((scenario): Gate[] => [
    {
      row: LARGE,
      scenario,
      metric: 'throughput',
      subject: 'product',
      versus: 'raw-pipe',
      by: 'ratio',
      limit: 0.95,
    },
    { row: LARGE, scenario, metric: 'rssGrowth', subject: 'product', by: 'value', limit: 32 },
  ]),

  {
    row: IDLE,
    scenario: 'idle',
    metric: 'rssPerConnection',
    subject: 'product',
    versus: 'raw-inject',
    by: 'ratio',
    limit: 1.1,
  },
  {
    row: IDLE,
    scenario: 'idle',
    metric: 'rss',
    subject: 'product',
    versus: 'raw-inject',
    by: 'ratio',
    limit: 1.1,
  },
  // No timer per connection: 2,000 of them would show even at one tick a second each.
  {
    row: IDLE,
    scenario: 'idle',
    metric: 'idleCpu',
    subject: 'product',
    versus: 'raw-inject',
    by: 'difference',
    limit: 2,
  },

  {
    row: START,
    scenario: 'start',
    metric: 'listening',
    subject: 'product',
    versus: 'bare-node',
    by: 'difference',
    // Node 20, which keeps no compiled code: a start compiles what it runs.
    limit: 80,
  },
  { row: START, scenario: 'start', metric: 'extraModules', subject: 'product', by: 'value', limit: 0 },

  ...both('50 rules, none matching', 'rules', 'product+rules', 'product', 1.05),
  ...both('event log on', 'event-log', 'product+event-log', 'product', 1.1),
  ...both('event log on', 'event-log-inject', 'product+event-log', 'product', 1.1),
];

/** A gate so near to 1 that noise between identical servers (some 6 %) could decide it: wants {@link PAIRED_ROUNDS}. */
export function isTight(gate: Gate): boolean {
  if (gate.paired) return true;
  if (gate.by !== 'ratio' || gate.limit === undefined) return false;
  return (gate.metric === 'cpu' || gate.metric === 'throughput') && Math.abs(gate.limit - 1) <= 0.1 + 1e-9;
}

/** What a scenario is for: read of the product before and after a change. */
const READ_OF: Readonly<Record<string, readonly Metric[]>> = {
  down: ['throughput', 'cpu', 'rssGrowth'],
  up: ['throughput', 'cpu', 'rssGrowth'],
  idle: ['rss', 'rssPerConnection', 'idleCpu'],
  start: ['listening'],
};

/** Holds each product of a scenario against itself as another checkout has it: no worse by more than the interval. */
export function gatesAgainstBefore(
  scenarios: readonly Scenario[],
  beforeName: (subject: string) => string,
): readonly Gate[] {
  return scenarios.flatMap(({ name: scenario, subjects }) =>
    subjects
      .filter((subject) => /^product/.test(subject))
      .flatMap((subject) =>
        (READ_OF[scenario] ?? (['cpu'] as const)).map((metric): Gate => {
          const by = metric === 'idleCpu' || metric === 'listening' ? 'difference' : 'ratio';
          const versus = beforeName(subject);
          return {
            row: 'before and after',
            scenario,
            metric,
            subject,
            versus,
            by,
            limit: by === 'ratio' ? 1 : 0,
            paired: true,
          };
        }),
      ),
  );
}
