/** `--scenario` and `--time-scale` as a user gives them: the event log that was written tells the phases. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { testCli } from '../run/cli.ts';
import { atEnd } from '../support/proxy.ts';

interface Logged {
  readonly type: string;
  readonly rule?: string | null;
  readonly effect?: string;
}

it('overload-burst at 0.01 is over in half a second, and the log says which phase decided', async () => {
  const cli = await testCli();
  const [ready, events] = ['ready.json', 'events.jsonl'].map((name) => join(cli.folder, name)) as [
    string,
    string,
  ];
  const code = cli.run(
    ...['--standalone', '--upstream', 'mock', '--proxy-port', '0', '--state-dir', cli.folder, '--quiet'],
    ...['--scenario', 'overload-burst', '--time-scale', '0.01', '--seed', '42'],
    ...['--ready-file', ready, '--event-log', events],
  );
  atEnd(() => {
    cli.signal(2);
    return code;
  });
  await expect.poll(() => readFileSync(ready, 'utf8'), { timeout: 10_000 }).toContain('"url"');
  const { url } = JSON.parse(readFileSync(ready, 'utf8')) as { url: string };
  const statuses: number[] = [];
  const began = performance.now();
  const call = async (): Promise<number> => {
    const body = JSON.stringify({
      model: 'claude-opus-5-5',
      max_tokens: 16,
      messages: [{ role: 'user', content: 'Hi' }],
    });
    const headers = { 'content-type': 'application/json', 'x-api-key': 'any', connection: 'close' };
    const answer = await fetch(`${url}/v1/messages`, {
      method: 'POST',
      headers: { ...headers, 'anthropic-version': '2023-06-01' },
      body,
    });
    await answer.text();
    return answer.status;
  };
  // Ten good ones in a row are no longer the burst.
  while (statuses.length < 10 || statuses.slice(-10).includes(529)) statuses.push(await call());
  expect(performance.now() - began, 'the burst is not over before its time').toBeGreaterThan(440);
  expect(statuses).toContain(529);
  cli.signal(2);
  expect(await code).toBe(0);
  const lines = readFileSync(events, 'utf8').trim().split('\n');
  const logged = lines.map((line) => JSON.parse(line) as Logged);
  const rules = logged.flatMap(({ type, rule }) => (type === 'exchange.decided' ? [rule] : []));
  expect([...new Set(rules)]).toEqual(['overload-burst.burst', 'overload-burst.recovered']);
  expect(rules.lastIndexOf('overload-burst.burst')).toBeLessThan(rules.indexOf('overload-burst.recovered'));
});
