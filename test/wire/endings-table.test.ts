/**
 * Whatever ends a connection, its client gets every byte that it is owed, or sees that it did not, and the events say
 * the same: the product of what carries a call, what is answered and what ends it, judged by one law.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { Clock } from '../../src/core/clock.ts';
import type { EndedHow } from '../../src/core/events.ts';
import { compileRules } from '../../src/core/rules/compile.ts';
import { systemClock } from '../../src/engine/transport/system-clock.ts';
import { ANSWERS, HOUR_MS, type OwedAnswer } from '../support/endings/answers.ts';
import { FACES, type Face, HOST, type ObservedClient, observe } from '../support/endings/observed-client.ts';
import { readAnswers } from '../support/endings/read-answers.ts';
import { atEnd, type TestProxy, testProxy } from '../support/proxy.ts';
import { rawUpstream, type UpstreamSocket } from '../support/raw-upstream.ts';

/** A call under way. */
interface Call {
  readonly client: ObservedClient;
  readonly proxy: TestProxy;
  readonly answer: OwedAnswer;
  /** The call has reached its upstream, or the wait of ours that stands before it. */
  reached(): Promise<void>;
  /** The upstream's connection, once it is reached. */
  upstream(): Promise<UpstreamSocket>;
  /** The client has a part of its answer, the upstream has said half of it. */
  amid(): Promise<void>;
  /** Lets the upstream go on, or the wait of ours. */
  release(): void;
}

interface Ending {
  readonly name: string;
  fits?(answer: OwedAnswer, face: Face): boolean;
  /** More lines of the request's head. */
  readonly head?: string;
  /** What is written right behind the request. */
  readonly behind?: string;
  /** Where the upstream waits until it is released. */
  readonly holds?: 'before' | 'amid';
  run(call: Call): Promise<void> | void;
  /** What the client is owed: so many whole answers; 0: it is cut, or has left. */
  readonly owed: number;
  /** How the calls may be told as ended. */
  readonly how: EndedHow;
  /** Who ends the connection at last. */
  readonly last: 'proxy' | 'client' | 'RST';
  /** Status of a last answer that says what was wrong. */
  readonly refusal?: number;
}

const asked = (answer: OwedAnswer): boolean => answer.parts !== undefined;
const reuses = (answer: OwedAnswer): boolean => answer.untilEnd !== true;

/** Time goes by slowly, though waits are as long as ever: what takes this test a while is no long pause of a client's. */
const SLOW: Clock = {
  ...systemClock,
  now: () => systemClock.now() / 20,
  instant: () => ({ now: systemClock.now() / 20, wall: systemClock.wall() }),
};

/** An hour's wait lasts until it is let go, or, where nothing is to come before its end, a moment. */
function clockOf(released: Promise<void> | undefined): Clock {
  return {
    ...SLOW,
    after(ms, run) {
      if (ms !== HOUR_MS) return SLOW.after(ms, run);
      if (!released) return SLOW.after(20, run);
      let waits = true;
      void released.then(() => waits && run());
      return () => {
        waits = false;
      };
    },
  };
}

/** Long enough for the proxy to have heard what the client just did. */
const HEARD_MS = 15;

const ENDINGS: readonly Ending[] = [
  {
    name: 'the client leaves once it has all',
    fits: reuses,
    run: async ({ client, proxy }) => {
      await proxy.event('exchange.ended');
      client.halfClose();
    },
    owed: 1,
    how: 'complete',
    last: 'proxy',
  },
  {
    name: 'Connection: close',
    head: 'Connection: close\r\n',
    run: () => {},
    owed: 1,
    how: 'complete',
    last: 'proxy',
  },
  {
    name: 'a half-close at once',
    run: ({ client }) => client.halfClose(),
    owed: 1,
    how: 'complete',
    last: 'proxy',
  },
  {
    name: 'a half-close before the answer',
    fits: asked,
    holds: 'before',
    run: async ({ client, reached, release }) => {
      client.halfClose();
      await reached();
      await sleep(HEARD_MS);
      release();
    },
    owed: 1,
    how: 'complete',
    last: 'proxy',
  },
  {
    name: 'FIN without close_notify at once',
    fits: (_, face) => face.startsWith('TLS'),
    run: ({ client }) => client.fin(),
    owed: 1,
    how: 'complete',
    last: 'proxy',
  },
  {
    name: 'Connection: close and a half-close',
    head: 'Connection: close\r\n',
    run: ({ client }) => client.halfClose(),
    owed: 1,
    how: 'complete',
    last: 'proxy',
  },
  {
    name: 'three requests at once, and a half-close',
    fits: (answer) => reuses(answer) && answer.name !== 'throttled',
    behind: 'two more',
    run: ({ client }) => client.halfClose(),
    owed: 3,
    how: 'complete',
    last: 'proxy',
  },
  {
    name: 'three requests at once, and a half-close before the first answer',
    fits: (answer) => asked(answer) && reuses(answer) && answer.name !== 'throttled',
    behind: 'two more',
    holds: 'before',
    run: async ({ client, reached, release }) => {
      client.halfClose();
      await reached();
      await sleep(HEARD_MS);
      release();
    },
    owed: 3,
    how: 'complete',
    last: 'proxy',
  },
  {
    name: 'half a request behind it, and a half-close',
    fits: reuses,
    behind: 'GET /half HTTP/1.1\r\nHos',
    run: ({ client }) => client.halfClose(),
    owed: 1,
    how: 'complete',
    last: 'proxy',
  },
  {
    name: 'junk behind the request',
    fits: reuses,
    behind: 'junk\r\n\r\n',
    run: () => {},
    owed: 1,
    how: 'complete',
    last: 'proxy',
    refusal: 400,
  },
  {
    name: 'the client resets before its answer',
    fits: (answer) => asked(answer) || answer.waits === true,
    holds: 'before',
    run: async ({ client, reached }) => {
      await reached();
      await sleep(HEARD_MS); // with the request itself, it would look like a FIN
      client.reset();
    },
    owed: 0,
    how: 'client-abort',
    last: 'client',
  },
  {
    name: 'the client resets amid its answer',
    fits: (answer) => asked(answer) && !answer.held,
    holds: 'amid',
    run: async ({ client, amid }) => {
      await amid();
      client.reset();
    },
    owed: 0,
    how: 'client-abort',
    last: 'client',
  },
  {
    name: 'the upstream ends amid its answer',
    fits: (answer) => asked(answer) && reuses(answer),
    holds: 'amid',
    run: async ({ amid, upstream, answer }) => {
      if (!answer.held) await amid();
      (await upstream()).socket.end();
    },
    owed: 0,
    how: 'upstream-abort',
    last: 'proxy',
  },
  {
    name: 'the upstream resets amid its answer',
    fits: (answer) => asked(answer) && !answer.held,
    holds: 'amid',
    run: async ({ amid, upstream }) => {
      await amid();
      (await upstream()).socket.resetAndDestroy();
    },
    owed: 0,
    how: 'upstream-abort',
    last: 'RST',
  },
  {
    name: 'our stop before the answer',
    fits: (answer) => asked(answer) || answer.waits === true,
    holds: 'before',
    run: async ({ proxy, reached, release }) => {
      await reached();
      const stopped = proxy.close(10_000);
      release();
      await stopped;
    },
    owed: 1,
    how: 'complete',
    last: 'proxy',
  },
  {
    name: 'our stop amid the answer',
    fits: (answer) => asked(answer) && !answer.held,
    holds: 'amid',
    run: async ({ proxy, amid, release }) => {
      await amid();
      const stopped = proxy.close(10_000);
      release();
      await stopped;
    },
    owed: 1,
    how: 'complete',
    last: 'proxy',
  },
  {
    name: 'our stop with the answer',
    run: async ({ client, proxy }) => {
      await client.atLeast(1);
      await proxy.close(10_000);
    },
    owed: 1,
    how: 'complete',
    last: 'proxy',
  },
  {
    name: 'our stop, and a client that has half-closed',
    fits: (answer) => asked(answer) && !answer.held,
    holds: 'amid',
    run: async ({ client, proxy, amid, release }) => {
      client.halfClose();
      await amid();
      const stopped = proxy.close(10_000);
      release();
      await stopped;
    },
    owed: 1,
    how: 'complete',
    last: 'proxy',
  },
  {
    name: 'our stop and no more time before the answer',
    fits: (answer) => asked(answer) || answer.waits === true,
    holds: 'before',
    run: async ({ proxy, reached }) => {
      await reached();
      void proxy.close(10_000);
      await proxy.close(0);
    },
    owed: 0,
    how: 'shutdown',
    last: 'proxy',
  },
  {
    name: 'our stop and no more time amid the answer',
    fits: (answer) => asked(answer) && !answer.held,
    holds: 'amid',
    run: async ({ proxy, amid }) => {
      await amid();
      void proxy.close(10_000);
      await proxy.close(0);
    },
    owed: 0,
    how: 'shutdown',
    last: 'proxy',
  },
];

async function begin(face: Face, answer: OwedAnswer, ending: Ending): Promise<Call> {
  let release = (): void => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  let arrive = (_peer: UpstreamSocket): void => {};
  const arrived = new Promise<UpstreamSocket>((resolve) => {
    arrive = resolve;
  });
  const upstream = await rawUpstream((peer) => serve(peer, answer, ending, arrive, released), { tls: false });
  atEnd(() => upstream.close());
  const rules =
    answer.faults && compileRules([{ name: 'rule', faults: answer.faults }], { seed: '1', messages: 'real' });
  const proxy = await testProxy({
    upstream: { kind: 'url', url: upstream.url },
    clock: clockOf(ending.holds === 'before' ? released : undefined),
    ...(rules ? { rules } : {}),
  });
  const client = await observe(face, proxy.port);
  return {
    client,
    proxy,
    answer,
    reached: async () => {
      if (answer.parts) await arrived;
      else await proxy.event('fault.applied');
    },
    upstream: () => arrived,
    amid: () => client.atLeast(1),
    release,
  };
}

function serve(
  peer: UpstreamSocket,
  answer: OwedAnswer,
  ending: Ending,
  arrive: (peer: UpstreamSocket) => void,
  released: Promise<void>,
): void {
  const { socket } = peer;
  socket.on('error', () => {});
  let answered = 0;
  let last = Promise.resolve();
  socket.on('data', () => {
    const came = peer.received().toString('latin1').split('\r\n\r\n').length - 1;
    for (; answered < came; answered += 1) last = last.then(one);
  });
  const one = async (): Promise<void> => {
    arrive(peer);
    const [first, second] = answer.parts as readonly [string, string];
    if (ending.holds === 'before') await released;
    // All at once where nothing is to happen amid it.
    if (ending.holds !== 'amid') {
      socket.write(Buffer.concat([Buffer.from(first), Buffer.from(second)]));
    } else {
      socket.write(first);
      await released;
      socket.write(second);
    }
    if (answer.untilEnd) socket.end();
  };
  socket.on('end', () => void last.then(() => socket.end()));
}

/** Plays one case. @returns what was wrong with it */
async function play(face: Face, answer: OwedAnswer, ending: Ending): Promise<string[]> {
  const { behind = '', head = '', owed, how, last, refusal } = ending;
  const call = await begin(face, answer, ending);
  const { client, proxy } = call;
  const request = `GET ${client.prefix}/v1/x HTTP/1.1\r\nHost: ${HOST}\r\n${head}\r\n`;
  client.write(request + (behind === 'two more' ? request + request : behind));
  await ending.run(call);
  const ended = last === 'client' ? undefined : await within(client.ended);
  const calls = Math.max(1, owed);
  await within(
    eventually(() => proxy.events.filter(({ type }) => type === 'exchange.ended').length >= calls),
  );
  await proxy.close(0);

  const wrong: string[] = [];
  const fail = (text: string): void => void wrong.push(`${face}, ${ending.name}: ${text}`);
  const orderly = ended === 'FIN' && client.orderly();
  const answers = readAnswers(client.received());
  const refused = refusal === undefined ? undefined : answers.pop();
  if (refused?.status !== refusal) fail(`the last answer is ${refused?.status}, not ${refusal}`);
  for (const { status, body, whole } of answers) {
    const believed = whole === 'end' ? orderly : whole;
    const is = answer.body === undefined ? believed : body === answer.body;
    if (believed && !is) fail(`the client takes ${body.length} bytes for the whole answer`);
    if (owed > 0 && !(believed && is)) fail(`of the answer came ${body.length} bytes, by ${ended}`);
    if (owed > 0 && status !== answer.status) fail(`status ${status}`);
    if (owed === 0 && believed && last !== 'client') fail('the client believes that it has all');
  }
  if (owed > 0 && answers.length !== owed) fail(`${answers.length} answers of ${owed}`);
  if (last === 'RST' && ended !== 'RST') fail(`ended by ${ended} in place of RST`);
  if (last === 'proxy' && owed > 0 && !orderly)
    fail(`ended by ${ended}${client.orderly() ? '' : ' without close_notify'}`);
  const told = proxy.events.flatMap((event) => (event.type === 'exchange.ended' ? [event.how] : []));
  if (told.length !== calls || told.some((one) => one !== how)) fail(`told as ${told} in place of ${how}`);
  return wrong;
}

/** A case that gets stuck is told as one that is wrong. */
async function within<T>(what: Promise<T>): Promise<T | undefined> {
  const late = new AbortController();
  const result = await Promise.race([
    what,
    sleep(15_000, undefined, { signal: late.signal }).catch(() => undefined),
  ]);
  late.abort();
  return result;
}

async function eventually(holds: () => boolean): Promise<void> {
  for (let turn = 0; turn < 1_500 && !holds(); turn += 1) await sleep(10);
}

it.each(ANSWERS)('an answer $name', async (answer) => {
  const cases = FACES.flatMap((face) =>
    ENDINGS.filter(({ fits }) => fits?.(answer, face) !== false).map((ending) => ({ face, ending })),
  );
  expect(cases.length).toBeGreaterThan(40);
  const wrong = await Promise.all(cases.map(({ face, ending }) => play(face, answer, ending)));
  expect(wrong.flat()).toEqual([]);
});
