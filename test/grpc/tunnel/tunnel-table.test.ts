/** Tunnels through the fake caller: what goes through, what is injected, and what is left behind. */
import { createHash, randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { RespondEffect } from '../../../src/core/effect.ts';
import { testRules } from '../../support/rules.ts';
import { tunnelBench } from './tunnel-bench.ts';

const OVERLOADED: RespondEffect = {
  do: 'respond',
  status: 529,
  reason: '',
  headers: [['content-type', 'application/json']],
  body: '{"type":"error"}',
};
const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
const pass = () => testRules(() => undefined);
const inject = () => testRules(() => OVERLOADED);
const VERSIONS = ['TLSv1.2', 'TLSv1.3'] as const;
const UPLOADS = [1_000, 8_191, 8_192, 8_193, 300_000, 3_000_000];

describe.each(VERSIONS)('a client of %s', (version) => {
  const tls = { minVersion: version, maxVersion: version };

  it.each(VERSIONS)('gets natural and injected answers in turn, before an upstream of %s', async (theirs) => {
    const rules = testRules((_facts, nth) => (nth % 2 === 1 ? OVERLOADED : undefined));
    const bench = await tunnelBench(rules, { upstream: { minVersion: theirs, maxVersion: theirs } });
    const client = await bench.client(tls);
    for (const status of [529, 200, 529, 200, 529]) {
      const answer = await client.call('GET', '/v1/models');
      expect(answer.status).toBe(status);
      expect(answer.body.toString()).toBe(status === 529 ? OVERLOADED.body : sha256(Buffer.alloc(0)));
    }
    expect(client.socket.alpnProtocol).toBe(false);
  });

  it.each(UPLOADS)('uploads %d bytes twice on one connection', async (size) => {
    const bench = await tunnelBench(pass());
    const client = await bench.client(tls);
    for (let nth = 0; nth < 2; nth += 1) {
      const body = randomBytes(size);
      expect((await client.call('POST', '/v1/messages', body)).body.toString()).toBe(sha256(body));
    }
  });

  it.each(UPLOADS)('has an upload of %d bytes answered with an error, and goes on', async (size) => {
    const bench = await tunnelBench(inject());
    const client = await bench.client(tls);
    for (let nth = 0; nth < 2; nth += 1)
      expect((await client.call('POST', '/v1/messages', randomBytes(size))).status).toBe(529);
    expect(bench.seen.filter((line) => line !== 'HEAD /')).toEqual([]);
  });

  it('makes a round more where its upstream asks for another group', async () => {
    const bench = await tunnelBench(pass(), { upstream: { ecdhCurve: 'P-521' } });
    const client = await bench.client(tls);
    expect((await client.call('GET', '/')).status).toBe(200);
  });
});

describe('a tunnel table', () => {
  it('forgets a tunnel whose client says goodbye', async () => {
    const bench = await tunnelBench(pass());
    const client = await bench.client();
    await client.call('GET', '/');
    expect(bench.table.size).toBe(1);
    client.socket.end();
    await expect.poll(() => bench.table.size).toBe(0);
  });

  it('tells a client that its upstream cannot be trusted, as the standalone proxy does', async () => {
    const bench = await tunnelBench(pass(), { untrusted: true });
    const client = await bench.client();
    const answer = await client.call('POST', '/v1/messages', Buffer.from('secret'));
    expect(answer.status).toBe(502);
    expect(answer.headers['x-proxy-error']).toBe('upstream-tls');
    expect(bench.seen.filter((line) => line !== 'HEAD /')).toEqual([]);
  });

  it('passes a large download', async () => {
    const body = randomBytes(20 * 2 ** 20);
    const bench = await tunnelBench(pass(), { serve: (_request, response) => response.end(body) });
    const answer = await (await bench.client()).call('GET', '/large');
    expect(sha256(answer.body)).toBe(sha256(body));
  });

  it('refuses the wrong side with the cure, unknown and empty blocks without harm', async () => {
    const { table } = await tunnelBench(pass());
    const { signal } = new AbortController();
    const ask = (side: 'client' | 'server', direction: 'to-client' | 'to-upstream', bytes: string) =>
      table.process({ id: 'x', side, direction, chunk: Buffer.from(bytes) }, signal);
    expect(await ask('client', 'to-upstream', 'x')).toMatchObject({
      kind: 'close',
      reason: expect.stringContaining('restart fault'),
    });
    expect(await ask('server', 'to-client', '')).toEqual({ kind: 'pass-through', chunk: Buffer.alloc(0) });
    expect(await ask('server', 'to-client', 'hello')).toEqual({
      kind: 'pass-through',
      chunk: Buffer.from('hello'),
    });
  });

  it('ends the tunnels of a caller that shows each of them twice, and says why', async () => {
    const bench = await tunnelBench(pass(), { times: 2 });
    for (let nth = 1; nth <= 2; nth += 1)
      await expect(bench.client()).rejects.toThrow(/disconnected|hang up/);
    expect(bench.proxy.events).toMatchObject([{ type: 'notice', code: 'plugin-doubled' }]);
    await expect.poll(() => bench.table.size).toBe(0);
  });

  it('says so when it is closed before a client could be given its answer', async () => {
    // Without the tickets of TLS 1.3, which would carry the answer.
    const bench = await tunnelBench(inject(), { mute: true, upstream: { maxVersion: 'TLSv1.2' } });
    const call = (await bench.client()).call('GET', '/').catch((error: Error) => error);
    await expect.poll(() => bench.seen).toEqual(['HEAD /']);
    await bench.proxy.close();
    // Told to close, and then to hurry.
    await Promise.all([bench.table.close(600_000), bench.table.close(20)]);
    expect((await bench.proxy.event('connection.error')).code).toBe('tunnel-cut');
    expect((await bench.proxy.event('notice')).message).toContain('before a client had got the rest');
    expect(bench.table.size).toBe(0);
    bench.hangUp();
    expect(await call).toBeInstanceOf(Error);
  });

  it('lets a hello pass that is larger than a block, and says so', async () => {
    const { table, proxy } = await tunnelBench(pass());
    const chunk = Buffer.alloc(8192);
    // A handshake record of 9004 bytes: a ClientHello of 9000.
    Buffer.from('160301232c01002328', 'hex').copy(chunk);
    const { signal } = new AbortController();
    const action = await table.process({ id: 'x', side: 'server', direction: 'to-upstream', chunk }, signal);
    expect(action).toEqual({ kind: 'pass-through', chunk: Buffer.alloc(0) });
    expect((await proxy.event('connection.error')).code).toBe('tunnel-hello-too-large');
  });
});
