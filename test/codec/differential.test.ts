import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Difference, NODE_REFUSES, WE_REFUSE } from './differences.ts';
import { broken, request, response, write } from './generate.ts';
import { type NodeReading, nodeReadsRequests, nodeReadsResponse } from './node-oracle.ts';
import { pieces, type Reading, readAll } from './read-all.ts';

/** Raise it for a longer hunt: `CODEC_RUNS=100000 CODEC_SEED=7 npx vitest run test/codec/differential.test.ts`. */
const RUNS = Number(process.env.CODEC_RUNS ?? 4000);
const SEED = Number(process.env.CODEC_SEED ?? 20_260_101);
const BATCH = 100;

type Kind = 'request' | 'response';

/** Follows every generated request, so that a disagreement on where it ends shows. */
const SENTINEL = 'GET /sentinel HTTP/1.1\r\nHost: sentinel\r\n\r\n';

function samples(kind: Kind): { valid: string[]; mutated: string[] } {
  const after = kind === 'request' ? SENTINEL : '';
  const specs = fc.sample(kind === 'request' ? request : response, { numRuns: RUNS / 4, seed: SEED });
  const mutated = fc.sample(broken(kind), { numRuns: RUNS, seed: SEED });
  return {
    valid: specs.map((spec) => write(spec, kind) + after),
    mutated: mutated.map((text) => text + after),
  };
}

/** A response is one final message: what comes before (1xx) and after it, Node's client keeps to itself. */
function readOurs(kind: Kind, chunks: readonly Buffer[]): Reading {
  const reading = readAll(kind, chunks);
  if (kind === 'request') return reading;
  const final = reading.messages.findIndex((message) => !message.start.startsWith('1'));
  if (final < 0) return { ...reading, messages: [] };
  const { error: _, ...rest } = reading;
  return { ...rest, messages: [reading.messages[final]!], unfinished: false };
}

function readNodes(kind: Kind, chunks: readonly Buffer[]): Promise<NodeReading> {
  return kind === 'request' ? nodeReadsRequests(chunks) : nodeReadsResponse(chunks);
}

async function readBoth(kind: Kind, texts: readonly string[]): Promise<[string, Reading, NodeReading][]> {
  const results: [string, Reading, NodeReading][] = [];
  for (let from = 0; from < texts.length; from += BATCH) {
    const batch = texts.slice(from, from + BATCH);
    const nodes = await Promise.all(batch.map((text) => readNodes(kind, [Buffer.from(text, 'latin1')])));
    batch.forEach((text, i) => {
      results.push([text, readOurs(kind, [Buffer.from(text, 'latin1')]), nodes[i]!]);
    });
  }
  return results;
}

/** Node's error where it refused the bytes; the end of the connection in mid-message is no refusal. */
function refusalOf(node: NodeReading): string | undefined {
  const ends = ['HPE_INVALID_EOF_STATE', 'ECONNRESET', 'HPE_CLOSED_CONNECTION'];
  return node.error === undefined || ends.includes(node.error) ? undefined : node.error;
}

/** The documented difference that explains one reading against the other; undefined when they agree, an error when nothing does. */
function explain(kind: Kind, text: string, ours: Reading, node: NodeReading): Difference | undefined {
  const common = Math.min(ours.messages.length, node.messages.length);
  expect(ours.messages.slice(0, common), text).toEqual(node.messages.slice(0, common));
  // What follows a response's end is not looked at: each side is asked for one message.
  if (kind === 'response' && common === 1) return undefined;
  const refusal = refusalOf(node);
  const find = (list: readonly Difference[], said: string | undefined): Difference => {
    const found = list.find(({ pattern }) => said !== undefined && pattern.test(said));
    if (found) return found;
    const show = JSON.stringify({
      ours: ours.error?.message,
      unfinished: ours.unfinished,
      node: node.error,
      text,
    });
    throw new Error(`an undocumented difference: ${show}`);
  };
  if (ours.messages.length > common) return find(NODE_REFUSES[kind], refusal);
  if (node.messages.length > common) {
    // HTTP/1.0 with both options: close wins for us (RFC 9112 §9.3), keep-alive for Node.
    if (ours.error === undefined && /connection:.*keep-alive.*close/i.test(text)) return undefined;
    return find(WE_REFUSE[kind], ours.error?.message);
  }
  if (ours.error !== undefined && refusal === undefined && node.error === undefined) {
    return find(WE_REFUSE[kind], ours.error.message);
  }
  if (ours.error === undefined && refusal !== undefined) return find(NODE_REFUSES[kind], refusal);
  return undefined;
}

describe.each(['request', 'response'] as const)("our reading of a %s against Node's", (kind) => {
  const { valid, mutated } = samples(kind);

  it('is the same for valid messages, to the last byte', async () => {
    for (const [text, ours, node] of await readBoth(kind, valid)) {
      expect(ours.error, text).toBeUndefined();
      expect(node.messages, text).toEqual(ours.messages);
      expect(ours.messages.length, text).toBeGreaterThan(0);
    }
  });

  it('is the same for broken messages, but for the documented differences', async () => {
    const seen = new Set<Difference>();
    let bothAccept = 0;
    let bothRefuse = 0;
    for (const [text, ours, node] of await readBoth(kind, mutated)) {
      const difference = explain(kind, text, ours, node);
      if (difference) seen.add(difference);
      else if (ours.error) bothRefuse++;
      else bothAccept++;
    }
    // The generator must keep producing all sorts, or agreement means nothing.
    expect(bothAccept).toBeGreaterThan(RUNS / 10);
    expect(bothRefuse).toBeGreaterThan(RUNS / 10);
    expect(seen.size).toBeGreaterThan(4);
  });

  it('does not depend on where the chunks end', () => {
    for (const text of [...valid.slice(0, 100), ...mutated.slice(0, 400)]) {
      const bytes = Buffer.from(text, 'latin1');
      const whole = readAll(kind, [bytes]);
      for (let cut = 1; cut < bytes.length; cut++) {
        const split = readAll(kind, pieces(bytes, [cut]));
        if (!same(whole, split))
          expect(plain(split), `${JSON.stringify(text)} cut at ${cut}`).toEqual(plain(whole));
      }
      const bytewise = readAll(
        kind,
        pieces(
          bytes,
          Array.from(bytes, (_, i) => i),
        ),
      );
      expect(plain(bytewise), JSON.stringify(text)).toEqual(plain(whole));
    }
  });
});

describe('each documented difference is real', () => {
  const all = (['request', 'response'] as const).flatMap((kind) => [
    ...WE_REFUSE[kind].map((difference) => ({ kind, we: 'refuse', ...difference })),
    ...NODE_REFUSES[kind].map((difference) => ({ kind, we: 'accept', ...difference })),
  ]);
  it.each(all)('$kind: $why ($pattern)', async ({ kind, we, pattern, example, agreedIn }) => {
    const chunks = [Buffer.from(example, 'latin1')];
    const ours = readAll(kind, chunks);
    const refusal = refusalOf(await readNodes(kind, chunks));
    if (we === 'refuse') {
      expect(ours.error?.message).toMatch(pattern);
      if (agreedIn === undefined || llhttpOlderThan(agreedIn)) expect(refusal).toBeUndefined();
    } else {
      expect(ours.messages.length).toBe(1);
      expect(refusal).toMatch(pattern);
    }
  });
});

describe('every split point, Node reading the same pieces', () => {
  const cases: [Kind, string][] = [
    ['request', `POST /a?b HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nX: \xe9\r\n\r\nhello${SENTINEL}`],
    [
      'request',
      `\r\nPUT /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3;a="b"\r\nabc\r\n0\r\nt: v\r\n\r\n${SENTINEL}`,
    ],
    [
      'response',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n00A\r\n0123456789\r\n1\r\n.\r\n0\r\n\r\n',
    ],
    ['response', 'HTTP/1.0 529 Overloaded\r\nX: y\r\n\r\nuntil the end'],
  ]; // prettier-ignore
  it.each(cases)('%s %j', async (kind, text) => {
    const bytes = Buffer.from(text, 'latin1');
    const whole = readAll(kind, [bytes]);
    for (let from = 1; from < bytes.length; from += BATCH) {
      const cuts = Array.from({ length: Math.min(BATCH, bytes.length - from) }, (_, i) => from + i);
      const nodes = await Promise.all(cuts.map((cut) => readNodes(kind, pieces(bytes, [cut]))));
      cuts.forEach((cut, i) => {
        expect(nodes[i]!.messages, `cut at ${cut}`).toEqual(whole.messages);
        expect(readAll(kind, pieces(bytes, [cut])).messages, `cut at ${cut}`).toEqual(whole.messages);
      });
    }
  });
});

function plain(reading: Reading): unknown {
  return { ...reading, error: reading.error?.message };
}

function same(a: Reading, b: Reading): boolean {
  return (
    a.consumed === b.consumed &&
    a.unfinished === b.unfinished &&
    a.error?.message === b.error?.message &&
    JSON.stringify(a.messages) === JSON.stringify(b.messages)
  );
}

function llhttpOlderThan(version: string): boolean {
  const numbers = (text: string): number[] => text.split('.').map(Number);
  const [major = 0, minor = 0] = numbers(process.versions.llhttp ?? '0.0');
  const [otherMajor = 0, otherMinor = 0] = numbers(version);
  return major < otherMajor || (major === otherMajor && minor < otherMinor);
}
