/** No peer's input makes a proxy grow beyond what is configured: 500 MB of each sort, and less than 100 MB of memory. */
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { faultCatalogue } from '../../src/core/faults/catalogue.ts';
import { buildProgram } from '../cli/built-program.ts';
import { actsOnBodies, CALL_FAULTS } from '../support/catalogue-play.ts';
import {
  type Client,
  connect,
  MEGABYTE,
  pour,
  SIZE,
  serve,
  still,
  type WeighedProxy,
  weighedProxy,
} from './weighed-proxy.ts';

const MOST = 100 * MEGABYTE;
const main = await buildProgram();

const DELTA = `event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"${'x'.repeat(4000)}"}}\n\n`;
const START =
  'event: message_start\ndata: {"type":"message_start","message":{"usage":{"input_tokens":1,"output_tokens":1}}}\n\n' +
  'event: content_block_start\ndata: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}\n\n';
const STREAM = 'Content-Type: text/event-stream\r\n';
const JSON_TYPE = 'Content-Type: application/json\r\n';

/** A stream of so many bytes, in its coding. */
function stream(bytes: number): string {
  return START + DELTA.repeat(Math.round(bytes / DELTA.length));
}
const gzipped = gzipSync(stream(SIZE), { level: 1 });
const brotlied = brotliCompressSync(stream(SIZE), { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } });
const gzippedSpaces = gzipSync(Buffer.alloc(SIZE, ' '), { level: 1 });
/** A member of a gzip stream that is as long as what it holds: deltas, stored. */
const stored = gzipSync(DELTA.repeat(250), { level: 0 });
const bytewise = Buffer.from('1\r\nx\r\n'.repeat(50_000));

/** How an upstream answers: the head's fields, then the body. */
type Body = Buffer | { readonly piece: Buffer; readonly total: number };

function answers(bodyOf: (path: string) => { head: string; body: Body }): Promise<number> {
  return serve((socket) => {
    socket.on('data', (chunk: Buffer) => {
      const path = /^[A-Z]+ (\S+)/.exec(chunk.toString('latin1', 0, 500))?.[1];
      if (path === undefined) return;
      const { head, body } = bodyOf(path);
      const length = Buffer.isBuffer(body) ? body.length : undefined;
      const fields = length === undefined ? '' : `Content-Length: ${length}\r\n`;
      socket.write(`HTTP/1.1 200 OK\r\n${head}${fields}\r\n`);
      if (Buffer.isBuffer(body)) socket.write(body);
      else void pour(socket, body.piece, body.total).then(() => socket.end());
    });
  });
}

let proxy: WeighedProxy;
afterEach(({ task }) => {
  console.log(`${(proxy.grown() / MEGABYTE).toFixed(0).padStart(4)} MB  ${task.name}`);
});

/** A proxy in front of an upstream, warm. */
async function start(
  rules: readonly unknown[],
  upstream: number | 'mock',
  ...flags: string[]
): Promise<void> {
  const url = upstream === 'mock' ? upstream : `http://127.0.0.1:${upstream}`;
  proxy = await weighedProxy(main, rules, ['--upstream', url, ...flags]);
  proxy.mark();
}

const head = (path: string, fields = ''): string =>
  `POST ${path} HTTP/1.1\r\nHost: localhost\r\n${fields}\r\n`;
const NO_BODY = 'Content-Length: 0\r\n';

async function get(path: string, reads = true): Promise<Client> {
  const client = await connect(proxy.port, reads);
  client.socket.write(head(path, NO_BODY));
  return client;
}

const READS_BODY = [{ when: { model: 'never' }, fault: 'overloaded' }];
const fault = (kind: string, params: object = {}) => [{ fault: { kind, ...params } }];
const small = () => answers(() => ({ head: JSON_TYPE, body: Buffer.from('{}') }));

/** A call whose request is poured, and answered. */
async function upload(fields: string, piece: Buffer, total: number, end = ''): Promise<Client> {
  const client = await connect(proxy.port);
  client.socket.write(head('/v1/messages', fields));
  const poured = await pour(client.socket, piece, total);
  client.socket.write(end);
  expect(poured).toBeGreaterThanOrEqual(total);
  await client.got(20);
  return client;
}

const CHUNKED = 'Transfer-Encoding: chunked\r\n';
const block = Buffer.alloc(MEGABYTE, ' ');

describe('a request', () => {
  it('of 1-byte chunks, for a rule', async () => {
    await start(READS_BODY, await small());
    await upload(CHUNKED, bytewise, SIZE, '0\r\n\r\n');
    expect(proxy.grown()).toBeLessThan(MOST);
  });

  it('of 8 MB in 1-byte chunks, which a rule reads whole', async () => {
    await start([{ when: { model: 'x'.repeat(10) }, fault: 'overloaded' }], await small());
    const json = Buffer.from(`{"model":"${'x'.repeat(10)}","text":"`);
    const client = await connect(proxy.port);
    client.socket.write(`${head('/v1/messages', CHUNKED)}${json.length.toString(16)}\r\n${json}\r\n`);
    await pour(client.socket, bytewise, 8 * MEGABYTE * 6);
    client.socket.write('2\r\n"}\r\n0\r\n\r\n');
    await client.got(20);
    expect(client.start()).toContain(' 529 ');
    expect(proxy.grown()).toBeLessThan(MOST);
  });

  it('of 10 MB in 1-byte chunks to the stand-in, for a rule', async () => {
    await start(READS_BODY, 'mock');
    await upload(CHUNKED, bytewise, 10 * MEGABYTE * 6, '0\r\n\r\n');
    expect(proxy.grown()).toBeLessThan(MOST);
  });

  it('longer than is held, for a rule', async () => {
    await start(READS_BODY, await small());
    await upload(`Content-Length: ${SIZE}\r\n`, block, SIZE);
    expect(proxy.grown()).toBeLessThan(MOST);
  });

  it('that is small coded, for a rule', async () => {
    await start(READS_BODY, await small());
    await upload(`Content-Encoding: gzip\r\nContent-Length: ${gzippedSpaces.length}\r\n`, gzippedSpaces, 1);
    expect(proxy.grown()).toBeLessThan(MOST);
  });

  it('that is answered by a fault, or held up by one', async () => {
    await start(
      [
        { when: { path: '/v1/messages' }, trigger: { first: 1 }, fault: 'overloaded' },
        ...fault('bandwidth', { up: '64KiB' }),
      ],
      await serve((socket) => void socket.resume()),
    );
    await upload(`Content-Length: ${SIZE}\r\n`, block, SIZE);
    const slow = await connect(proxy.port);
    slow.socket.write(head('/slow', `Content-Length: ${SIZE}\r\n`));
    expect(await pour(slow.socket, block, SIZE, 500)).toBeLessThan(SIZE);
    expect(proxy.grown()).toBeLessThan(MOST);
  });

  it('with 250 kB of head, again and again, in an event log', async () => {
    await start(
      fault('latency', { delay: '0ms' }),
      await small(),
      '--event-log',
      'events.jsonl',
      '--verbose',
    );
    const client = await connect(proxy.port);
    let sent = 0;
    for (let i = 0; sent < SIZE / 2; i++) {
      const one = head(
        `/v1/${String(i).padEnd(120_000, 'x')}`,
        `x-session: ${String(i).padEnd(120_000, 'y')}\r\n${NO_BODY}`,
      );
      sent += one.length;
      const before = client.read();
      client.socket.write(one);
      await client.got(before + 20);
    }
    expect(proxy.grown()).toBeLessThan(MOST);
  });

  it('with 60 kB of trailers, again and again', async () => {
    await start(READS_BODY, await small());
    const one = `${head('/v1/messages', CHUNKED)}2\r\n{}\r\n0\r\n${`x-t: ${'t'.repeat(994)}\r\n`.repeat(60)}\r\n`;
    const client = await connect(proxy.port);
    await pour(client.socket, Buffer.from(one), SIZE / 2);
    await still(client.read);
    expect(proxy.grown()).toBeLessThan(MOST);
  });

  it.each([
    ['conversation', 0],
    ['model', 1],
  ])('whose %s has a name of 200 kB, again and again', async (_what, odd) => {
    const rules = [
      { when: { path: '/a' }, trigger: { once_per: 'conversation' }, fault: 'overloaded' },
      { when: { path: '/b' }, limit: { times: 1, per: 'model' }, fault: 'overloaded' },
    ];
    await start(rules, await small(), '--event-log', 'events.jsonl');
    const client = await connect(proxy.port);
    let sent = 0;
    for (let i = 0; sent < SIZE / 2; i++) {
      const name = String(i).padEnd(200_000, 'n');
      const json = `{"model":"${name}"}`;
      const one =
        odd === 0
          ? `${head('/a', `x-claude-code-session-id: ${name}\r\nContent-Length: 2\r\n`)}{}`
          : `${head('/b', `Content-Length: ${json.length}\r\n`)}${json}`;
      sent += one.length;
      const before = client.read();
      client.socket.write(one);
      await client.got(before + 20);
    }
    expect(client.start()).toContain(' 529 ');
    expect(proxy.grown()).toBeLessThan(MOST);
  });

  it('behind others whose answers are not read', async () => {
    await start([{ fault: 'overloaded' }], await small());
    const client = await connect(proxy.port, false);
    expect(
      await pour(client.socket, Buffer.from(head('/v1/messages', NO_BODY).repeat(10_000)), SIZE, 700),
    ).toBeLessThan(SIZE);
    expect(proxy.grown()).toBeLessThan(MOST);
  });

  it.each([
    ['of 1-byte chunks', CHUNKED, bytewise, 10 * MEGABYTE * 6],
    ['longer than the API takes', `Content-Length: ${SIZE}\r\n`, block, SIZE],
    [
      'that is small coded',
      `Content-Encoding: gzip\r\nContent-Length: ${gzippedSpaces.length}\r\n`,
      gzippedSpaces,
      1,
    ],
  ])('to the stand-in, %s', async (_what, fields, piece, total) => {
    await start(fault('latency', { delay: '0ms' }), 'mock');
    await upload(fields, piece, total, fields === CHUNKED ? '0\r\n\r\n' : '');
    expect(proxy.grown()).toBeLessThan(MOST);
  });
});

describe('an answer', () => {
  it.each([
    ['gzip', gzipped],
    ['br', brotlied],
  ])('in %s, held back by a fault', async (coding, body) => {
    const upstream = await answers(() => ({ head: `${STREAM}Content-Encoding: ${coding}\r\n`, body }));
    await start(fault('stream-stall', { after: { events: 4 }, for: '20s' }), upstream);
    const client = await get('/v1/messages');
    await client.got(200);
    await still(() => proxy.grown());
    expect(proxy.grown()).toBeLessThan(MOST);
  });

  it('in gzip, not read', async () => {
    const upstream = await answers(() => ({ head: `${STREAM}Content-Encoding: gzip\r\n`, body: gzipped }));
    await start(fault('usage', { how: 'absurd' }), upstream);
    await get('/v1/messages', false);
    await still(() => proxy.grown());
    expect(proxy.grown()).toBeLessThan(MOST);
  });

  it('in gzip, read to its end, changed and recorded', async () => {
    const upstream = await answers(() => ({ head: `${STREAM}Content-Encoding: gzip\r\n`, body: gzipped }));
    await start(fault('usage', { how: 'absurd' }), upstream, '--event-log', 'events.jsonl');
    const client = await get('/v1/messages');
    await still(client.read);
    expect(client.read()).toBeGreaterThan(MEGABYTE / 4);
    expect(proxy.grown()).toBeLessThan(MOST);
  });

  it('in gzip that is as long as what it holds, read for its usage', async () => {
    const upstream = await answers(() => ({
      head: `${STREAM}Content-Encoding: gzip\r\nConnection: close\r\n`,
      body: { piece: stored, total: SIZE },
    }));
    await start(fault('rate-limit', { output_tokens_per_minute: 1_000_000 }), upstream);
    const client = await get('/v1/messages');
    await client.got(SIZE);
    expect(client.read()).toBeGreaterThanOrEqual(SIZE);
    expect(proxy.grown()).toBeLessThan(MOST);
  });

  it.each(['body-fields', 'body-truncated', 'body-not-json', 'usage'])(
    'larger than %s holds',
    async (kind) => {
      const upstream = await answers(() => ({
        head: `${JSON_TYPE}Content-Length: ${SIZE}\r\n`,
        body: { piece: block, total: SIZE },
      }));
      await start(fault(kind, kind === 'body-fields' ? { missing: ['usage'] } : {}), upstream);
      const client = await get('/v1/messages');
      await client.got(SIZE);
      expect(proxy.grown()).toBeLessThan(MOST);
    },
  );

  it('larger than is held, of results of a batch', async () => {
    const line = Buffer.from(
      `{"custom_id":"a","result":{"type":"succeeded","message":{"usage":{"input_tokens":1}}}}\n`.repeat(
        10_000,
      ),
    );
    const upstream = await answers(() => ({
      head: 'Content-Type: application/x-jsonl\r\nConnection: close\r\n',
      body: { piece: line, total: SIZE },
    }));
    await start(fault('body-truncated'), upstream);
    const client = await get('/v1/messages/batches/msgbatch_1/results');
    await client.got(SIZE);
    expect(client.read()).toBeGreaterThanOrEqual(SIZE);
    expect(proxy.grown()).toBeLessThan(MOST);
  });

  it.each([
    ['of 1-byte chunks', 'Transfer-Encoding: chunked\r\n', { piece: bytewise, total: SIZE }, SIZE],
    ['that is small coded', 'Content-Encoding: gzip\r\n', gzippedSpaces, gzippedSpaces.length],
  ])('%s, under a fault that holds bodies', async (_what, fields, body, bytes) => {
    const upstream = await answers(() => ({ head: JSON_TYPE + fields, body }));
    await start(fault('body-fields', { missing: ['usage'] }), upstream);
    const client = await get('/v1/messages');
    await client.got(bytes);
    expect(client.read()).toBeGreaterThanOrEqual(bytes);
    expect(proxy.grown()).toBeLessThan(MOST);
  });

  it.each([
    ['is one event', block, SIZE],
    ['has countless small ones', Buffer.from(': ping\n\n'.repeat(8000)), 10 * MEGABYTE],
  ])('that %s', async (_what, piece, total) => {
    const upstream = await answers(() => ({
      head: `${STREAM}Connection: close\r\n`,
      body: { piece, total },
    }));
    await start(fault('usage', { how: 'absurd' }), upstream);
    const client = await get('/v1/messages');
    await client.got(total);
    expect(client.read()).toBeGreaterThanOrEqual(total);
    expect(proxy.grown()).toBeLessThan(MOST);
  });

  it('behind interim ones without end, not read', async () => {
    const interim = Buffer.from(`HTTP/1.1 103 Early Hints\r\nLink: <${'x'.repeat(1000)}>\r\n\r\n`.repeat(60));
    const upstream = await serve((socket) => {
      socket.once('data', () => void pour(socket, interim, SIZE));
    });
    await start(fault('latency', { delay: '0ms' }), upstream);
    await get('/v1/messages', false);
    await still(() => proxy.grown());
    expect(proxy.grown()).toBeLessThan(MOST);
  });

  it('slowed down, or late', async () => {
    const upstream = await answers(() => ({
      head: `${JSON_TYPE}Content-Length: ${SIZE}\r\n`,
      body: { piece: block, total: SIZE },
    }));
    await start(
      [
        { when: { path: '/slow' }, fault: { kind: 'slow-body', per_second: '64KiB' } },
        { when: { path: '/late' }, fault: { kind: 'latency', delay: '60s', at: 'head' } },
      ],
      upstream,
    );
    await get('/slow');
    await get('/late');
    await still(() => proxy.grown());
    expect(proxy.grown()).toBeLessThan(MOST);
  });

  it('in a blind tunnel, not read', async () => {
    const upstream = await serve((socket) => void pour(socket, block, SIZE));
    await start(fault('latency', { delay: '0ms' }), await small());
    const client = await connect(proxy.port, false);
    client.socket.write(`CONNECT 127.0.0.1:${upstream} HTTP/1.1\r\n\r\n`);
    await still(() => proxy.grown());
    expect(proxy.grown()).toBeLessThan(MOST);
  });

  it('under each fault there is: a stream, small coded, and a body', async () => {
    const bodies = CALL_FAULTS.map((kind) => ({
      when: { path: `/${kind}/**` },
      fault: { kind, ...(faultCatalogue.get(kind)?.example as object) },
    }));
    const coded = gzipSync(stream(30 * MEGABYTE), { level: 1 });
    const upstream = await answers((path) =>
      path.endsWith('/stream')
        ? { head: `${STREAM}Content-Encoding: gzip\r\n`, body: coded }
        : {
            head: `${JSON_TYPE}Content-Length: ${60 * MEGABYTE}\r\n`,
            body: { piece: block, total: 60 * MEGABYTE },
          },
    );
    await start(bodies, upstream);
    for (const kind of CALL_FAULTS) {
      const client = await get(`/${kind}/${actsOnBodies(kind) ? 'body' : 'stream'}`);
      await still(client.read, 100);
      client.socket.destroy();
      expect({ kind, grown: proxy.grown() < MOST }).toEqual({ kind, grown: true });
    }
  });
});
