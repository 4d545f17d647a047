/** As on a stream, so on fault's plain-HTTP calls: every planned fault is told once, whatever becomes of the call. */
import { setImmediate as tick } from 'node:timers/promises';
import { create } from '@bufbuild/protobuf';
import { expect, it } from 'vitest';
import { startProxy } from '../../src/app/proxy.ts';
import type { ProxyEvent } from '../../src/core/events.ts';
import { HttpRequestSchema, HttpResponseSchema } from '../../src/grpc/gen/plugin_pb.ts';
import { HttpCalls } from '../../src/grpc/http/http-calls.ts';
import { MESSAGE_JSON, streamFixture } from '../support/catalogue-play.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { testAuthority } from '../support/modes.ts';
import { dispatched, FAULTS, type Pair, pairsOf, untold } from '../support/told-once.ts';

/** What the upstream answers, with its content type; `nothing`: no answer comes; `left`: the client goes away. */
type Fate = readonly [status: number, type: string, body: string] | 'nothing' | 'left';

/** The first three for each pair, the others in turn. */
const FATES: readonly (readonly [name: string, Fate])[] = [
  ['a JSON answer', [200, 'application/json', MESSAGE_JSON]],
  ['a client that leaves', 'left'],
  ['no answer', 'nothing'],
  ['a stream', [200, 'text/event-stream', streamFixture('tool-use')]],
  ['an error of the upstream', [529, 'application/json', '{}']],
];
const ALWAYS = 3;

const header = (name: string, value: string) => ({ name, value });

it('every planned fault is told once, whatever acts beside it', async () => {
  const clock = new FakeClock();
  const plays = pairsOf(FAULTS).flatMap((pair, i) => {
    const others = FATES.slice(ALWAYS);
    const fates = pair.faults.length === 1 ? FATES : [...FATES.slice(0, ALWAYS), others[i % others.length]!];
    return fates.map(([name, fate]): [Pair, string, Fate] => [pair, name, fate]);
  });
  const proxy = await startProxy({
    host: '127.0.0.1',
    port: 0,
    listen: false,
    targets: ['api.anthropic.com'],
    ca: await testAuthority(),
    rules: dispatched(plays.map(([pair]) => pair.rules)),
    clock,
    upstream: { kind: 'target' },
  });
  let events: ProxyEvent[] = [];
  proxy.bus.subscribe((event) =>
    events.push('toJSON' in event ? (event as { toJSON(): ProxyEvent }).toJSON() : event),
  );
  /** Time passes while something waits for it. */
  const passing = async <T>(work: Promise<T>): Promise<T> => {
    let over = false;
    const done = (): void => {
      over = true;
    };
    work.then(done, done);
    while (!over) {
      await tick();
      clock.advance(1000);
    }
    return work;
  };
  const problems: string[] = [];
  for (const [i, [pair, name, fate]] of plays.entries()) {
    events = [];
    const calls = new HttpCalls(proxy.engine);
    const leave = new AbortController();
    const streams = name === 'a stream';
    const body = new TextEncoder().encode(`{"model":"claude-opus-5-5","max_tokens":9,"stream":${streams}}`);
    const headers = [header('host', 'api.anthropic.com'), header('x-call', String(i))];
    const call = create(HttpRequestSchema, { method: 'POST', path: '/v1/messages', headers, body });
    const asked = calls.request(call, leave.signal);
    if (fate === 'left') leave.abort();
    const { action } = await passing(asked);
    if (action === 0 && Array.isArray(fate)) {
      const [statusCode, type, text] = fate as readonly [number, string, string];
      const answer = create(HttpResponseSchema, {
        statusCode,
        headers: [header('content-type', type)],
        body: new TextEncoder().encode(text),
      });
      await passing(calls.response(answer, leave.signal));
    }
    calls.close();
    await tick();
    const problem = untold(pair, events);
    if (problem !== undefined) problems.push(`${JSON.stringify(pair.faults)} on ${name}: ${problem}`);
  }
  await proxy.close(0);
  expect(problems.slice(0, 10), `${problems.length} of ${plays.length}`).toEqual([]);
}, 60_000);
