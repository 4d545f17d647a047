/** What bounds a table of tunnels: silence, capacity, calls that are given up, and blocks that no sane caller sends. */
import { describe, expect, it } from 'vitest';
import { TunnelTable, type TunnelTableOptions } from '../../../src/grpc/tunnel/tunnel-table.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { atEnd, type TestProxy, testProxy } from '../../support/proxy.ts';
import { testRules } from '../../support/rules.ts';

/** What no TLS client says: its tunnel passes unread. */
const BLIND = Buffer.from('SSH-2.0-OpenSSH_9.6\r\n');
/** The beginning of a ClientHello: its tunnel waits for the rest. */
const HALF_HELLO = Buffer.from('1603010200010001fc0303', 'hex');

interface Table {
  readonly table: TunnelTable;
  readonly clock: FakeClock;
  readonly proxy: TestProxy;
  send(id: string, chunk: Buffer, signal?: AbortSignal): ReturnType<TunnelTable['process']>;
  hear(id: string, chunk: Buffer): ReturnType<TunnelTable['process']>;
}

async function tableOf(options: Partial<TunnelTableOptions> = {}): Promise<Table> {
  const clock = new FakeClock();
  const proxy = await testProxy({ rules: testRules(() => undefined), listen: false });
  const table = new TunnelTable({ proxy, clock, ...options });
  atEnd(() => table.close());
  const never = new AbortController().signal;
  return {
    ...{ table, clock, proxy },
    send: (id, chunk, signal = never) =>
      table.process({ id, side: 'server', direction: 'to-upstream', chunk }, signal),
    hear: (id, chunk) => table.process({ id, side: 'server', direction: 'to-client', chunk }, never),
  };
}

/** Read path: these bytes go on. */
const passed = (chunk: Buffer) => ({ kind: 'pass-through', chunk });
/** Write path: the caller forwards what it holds, whatever that is by now. */
const FORWARD = passed(Buffer.alloc(0));

describe('silence', () => {
  it('lets a blind tunnel be forgotten, which closes nothing', async () => {
    const { table, clock, send } = await tableOf({ idleMs: 60_000 });
    expect(await send('a', BLIND)).toEqual(FORWARD);
    clock.advance(59_000);
    expect(table.size).toBe(1);
    clock.advance(6_000);
    expect(table.size).toBe(0);
    expect(await send('a', BLIND)).toEqual(FORWARD);
  });

  it('is counted from the last block', async () => {
    const { table, clock, proxy, send, hear } = await tableOf({ idleMs: 60_000 });
    await send('a', BLIND);
    for (let i = 0; i < 6; i++) {
      clock.advance(40_000);
      await (i < 3 ? send : hear)('a', BLIND);
      expect(table.size).toBe(1);
    }
    // It is the same tunnel still: none was told as ended.
    expect(proxy.events).toEqual([]);
  });

  it('ends what is told of a blind tunnel: its bytes, and how long they came', async () => {
    const { clock, proxy, send, hear } = await tableOf({ idleMs: 60_000 });
    await send('a', BLIND);
    clock.advance(1_000);
    await hear('a', BLIND);
    await send('a', Buffer.alloc(1_000, 120));
    clock.advance(100_000);
    const [up, down] = [BLIND.length + 1_000, BLIND.length];
    expect(proxy.events).toEqual([
      {
        v: 1,
        type: 'tunnel.ended',
        at: expect.any(Number),
        connection: 1,
        bytesUp: up,
        bytesDown: down,
        ms: 1_000,
      },
    ]);
  });

  it('ends a tunnel amid its hello, about which the caller would ask for ever', async () => {
    const { table, clock, proxy, send } = await tableOf({ idleMs: 60_000 });
    const ask = async (): Promise<void> => {
      const action = await send('a', HALF_HELLO);
      if (action.kind === 'replace') await ask();
      else expect(action.kind).toBe('close');
    };
    const asked = ask();
    for (let i = 0; i < 1_400; i++) {
      clock.advance(50);
      await new Promise(setImmediate);
    }
    await asked;
    expect(proxy.events).toMatchObject([{ code: 'tunnel-idle' }]);
    expect(table.size).toBe(0);
  });

  it('ends it for good, also between two questions about it', async () => {
    const { table, clock, send } = await tableOf({ idleMs: 60_000 });
    const first = send('a', HALF_HELLO);
    clock.advance(10);
    await expect.poll(() => clock.pending).toBe(1); // asked to come again, and not yet come: nothing but the sweep
    expect(await first).toEqual({ kind: 'replace', chunk: Buffer.alloc(0) });
    clock.advance(100_000);
    expect(table.size).toBe(0);
    expect(await send('a', HALF_HELLO)).toMatchObject({ kind: 'close' });
    expect(table.size).toBe(0);
  });

  it('costs no timer once no tunnel is left', async () => {
    const { clock, send } = await tableOf({ idleMs: 60_000 });
    await send('a', BLIND);
    expect(clock.pending).toBe(1);
    clock.advance(100_000);
    expect(clock.pending).toBe(0);
  });
});

describe('capacity', () => {
  it('closes the tunnel that was silent longest, and says so', async () => {
    const { table, clock, proxy, send } = await tableOf({ capacity: 3 });
    const ended: string[] = [];
    for (const id of ['b', 'a', 'c', 'd']) {
      void send(id, HALF_HELLO).then(({ kind }) => ended.push(`${id} ${kind}`));
      clock.advance(1);
    }
    await expect.poll(() => ended).toEqual(['b close']);
    expect(table.size).toBe(3);
    expect(proxy.events).toMatchObject([{ code: 'tunnel-evicted' }]);
  });

  it('forgets a blind one without closing it', async () => {
    const { table, clock, proxy, send } = await tableOf({ capacity: 1 });
    await send('a', BLIND);
    clock.advance(1);
    await send('b', BLIND);
    expect(table.size).toBe(1);
    expect(proxy.events).toMatchObject([{ type: 'tunnel.ended', bytesUp: BLIND.length }]);
    expect(await send('a', BLIND)).toEqual(FORWARD);
  });
});

describe('a call that is given up', () => {
  it('ends its tunnel, and is answered', async () => {
    const { table, send } = await tableOf();
    const gone = new AbortController();
    const answer = send('a', HALF_HELLO, gone.signal);
    expect(table.size).toBe(1);
    gone.abort();
    expect(table.size).toBe(0);
    expect(await answer).toMatchObject({ kind: 'close' });
  });

  it('before it begins opens nothing', async () => {
    const { table, send } = await tableOf();
    expect(await send('a', BLIND, AbortSignal.abort())).toMatchObject({ kind: 'close' });
    expect(table.size).toBe(0);
  });
});

describe('a table that was closed', () => {
  it('opens nothing more, and leaves no timer', async () => {
    const { table, clock, send, hear } = await tableOf();
    await send('a', BLIND);
    await table.close(500);
    for (const id of ['a', 'b']) {
      expect(await send(id, HALF_HELLO)).toMatchObject({ kind: 'close' });
      expect(await hear(id, BLIND)).toMatchObject({ kind: 'close' });
    }
    expect([table.size, clock.pending]).toEqual([0, 0]);
  });
});

describe('blocks that no sane caller sends', () => {
  it('a huge one passes a blind tunnel whole', async () => {
    const { send, hear } = await tableOf();
    const huge = Buffer.concat([BLIND, Buffer.alloc(16 * 1024 * 1024, 120)]);
    expect(await send('a', huge)).toEqual(FORWARD);
    const action = await hear('a', huge);
    expect(action.kind === 'pass-through' && action.chunk.equals(huge)).toBe(true);
  });

  it('the same one twice is passed twice: the table does not guess', async () => {
    const { send } = await tableOf();
    expect(await send('a', BLIND)).toEqual(FORWARD);
    expect(await send('a', BLIND)).toEqual(FORWARD);
  });

  it('an answer before any question passes, as from a server that speaks first', async () => {
    const { hear } = await tableOf();
    const banner = Buffer.from('220 ready\r\n');
    expect(await hear('a', banner)).toEqual(passed(banner));
  });

  it('many at once for one tunnel are all answered', async () => {
    const { send, hear } = await tableOf();
    const all = Array.from({ length: 20 }, (_, i) => (i % 2 ? send('a', BLIND) : hear('a', BLIND)));
    expect(await Promise.all(all)).toEqual(all.map((_, i) => (i % 2 ? FORWARD : passed(BLIND))));
  });
});
