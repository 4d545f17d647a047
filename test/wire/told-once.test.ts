/**
 * Every planned fault is told once, as applied or as skipped with the reason, or the rule is refused: over all ordered
 * pairs of faults, each on whatever may become of a call.
 */
import { expect, it } from 'vitest';
import { MESSAGE_JSON, streamFixture } from '../support/catalogue-play.ts';
import { type InMemoryCall, inMemoryCalls, type Serve } from '../support/in-memory-calls.ts';
import { dispatched, FAULTS, type Pair, pairsOf, untold } from '../support/told-once.ts';

const STREAM = streamFixture('tool-use');
const BODY = '{"model":"claude-opus-5-5","max_tokens":9,"stream":true}';
const post = (headers: string, body: string, length = body.length): string =>
  `POST /v1/messages HTTP/1.1\r\nHost: a\r\n${headers}Content-Length: ${length}\r\n\r\n${body}`;
const json = (status: string, text: string, length = text.length): string =>
  `HTTP/1.1 ${status}\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n\r\n${text}`;
const STREAM_HEAD =
  'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n';
const chunk = (text: string): string => `${text.length.toString(16)}\r\n${text}\r\n`;
const half = STREAM.slice(0, STREAM.length >> 1);
const nothing: Serve = () => {};

/** What may become of a call: the first {@link ALWAYS} for each pair, the others in turn. */
const FATES: Readonly<Record<string, InMemoryCall>> = {
  'a JSON answer': { request: post('', BODY), serve: (write) => write(json('200 OK', MESSAGE_JSON)) },
  'a stream': {
    request: post('', BODY),
    serve: (write) => {
      write(STREAM_HEAD);
      for (const part of STREAM.match(/[\s\S]{1,400}/g) ?? []) write(chunk(part));
      write('0\r\n\r\n');
    },
  },
  'a stream that is reset': {
    request: post('', BODY),
    serve: (write, cut) => {
      write(STREAM_HEAD + chunk(half));
      cut('reset');
    },
  },
  'a client that leaves in a stream': {
    request: post('', BODY),
    serve: (write) => write(STREAM_HEAD + chunk(half)),
    leaves: true,
  },
  'a stream that comes as one': {
    request: post('', BODY),
    serve: (write) => write(`${STREAM_HEAD}${chunk(STREAM)}0\r\n\r\n`),
  },
  'an error of the upstream': { request: post('', BODY), serve: (write) => write(json('529 ', '{}')) },
  'a HEAD': {
    request: 'HEAD /v1/messages HTTP/1.1\r\nHost: a\r\n\r\n',
    serve: (write) => write('HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n'),
  },
  'a connection that is not kept': {
    request: post('Connection: close\r\n', BODY),
    serve: (write) => write(json('200 OK', MESSAGE_JSON)),
  },
  'a JSON answer that ends early': {
    request: post('', BODY),
    serve: (write, cut) => {
      write(json('200 OK', MESSAGE_JSON.slice(0, 50), MESSAGE_JSON.length));
      cut('end');
    },
  },
  'chunks that are none': {
    request: post('', BODY),
    serve: (write) => write(`${STREAM_HEAD.replace('event-stream', 'plain')}zz\r\n`),
  },
  'no answer': { request: post('', BODY), serve: (_write, cut) => cut('end') },
  'a client that leaves before the answer': { request: post('', BODY), serve: nothing, leaves: true },
  'a client that leaves in a JSON answer': {
    request: post('', BODY),
    serve: (write) => write(json('200 OK', MESSAGE_JSON.slice(0, 50), MESSAGE_JSON.length)),
    leaves: true,
  },
  'a client that leaves in its request': {
    request: post('', BODY, 500),
    serve: nothing,
    leaves: true,
  },
  'a request that awaits its go-ahead': {
    request: post('Expect: 100-continue\r\n', '', 50),
    serve: nothing,
  },
  'a request that goes wrong': {
    request: 'POST /v1/messages HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n',
    more: 'ZZ\r\n',
    serve: nothing,
  },
};

const ALWAYS = 4;

/** Longer than any fault of the list waits. */
const SECONDS = 60;
const AT_ONCE = 400;

/** Each fault alone meets every fate; a pair those that matter most, and one of the others. */
function plays(): readonly (readonly [Pair, fate: string])[] {
  const fates = Object.keys(FATES);
  const rest = fates.slice(ALWAYS);
  return pairsOf(FAULTS).flatMap((pair, i) => {
    const met = pair.faults.length === 1 ? fates : [...fates.slice(0, ALWAYS), rest[i % rest.length]!];
    return met.map((fate) => [pair, fate] as const);
  });
}

it('every planned fault is told once, whatever acts beside it and whatever becomes of the call', async () => {
  const all = plays();
  const problems: string[] = [];
  for (let from = 0; from < all.length; from += AT_ONCE) {
    const batch = all.slice(from, from + AT_ONCE);
    const rules = dispatched(batch.map(([pair]) => pair.rules));
    const results = await inMemoryCalls(
      rules,
      batch.map(([, fate]) => FATES[fate]!),
      SECONDS,
    );
    for (const [i, result] of results.entries()) {
      const [pair, fate] = batch[i]!;
      const problem = untold(pair, result.events);
      if (problem !== undefined) problems.push(`${JSON.stringify(pair.faults)} on ${fate}: ${problem}`);
    }
  }
  expect(problems.slice(0, 10), `${problems.length} of ${all.length}`).toEqual([]);
}, 60_000);
