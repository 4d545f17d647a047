import net from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Effect } from '../../src/core/effect.ts';
import { type Conduct, lawfulUpstream } from '../support/lawful-upstream.ts';
import { atEnd, testProxy } from '../support/proxy.ts';
import { rawUpstream, watch } from '../support/raw-upstream.ts';
import { testRules } from '../support/rules.ts';

const FAULTS: Readonly<Record<string, Effect | undefined>> = {
  none: undefined,
  late: { do: 'delay', at: 'head', ms: 4 },
  slow: { do: 'throttle', direction: 'down', bytesPerSecond: 50_000 },
  rewritten: { do: 'rewrite', rewrite: (body) => ({ body, note: 'nothing' }) },
};

/** Faults that hold the answer's head. */
const HOLDS = /late|rewritten/;

interface Call {
  readonly fault: string;
  readonly minor: 0 | 1;
  readonly connection: 'close' | 'keep-alive' | undefined;
  /** Bytes of the request's body, its second half sent once the answer has begun where that is early. */
  readonly upload: number;
  readonly conduct: Conduct;
}

const connection = fc.constantFrom('close', 'keep-alive', undefined);
const call: fc.Arbitrary<Call> = fc
  .record({
    fault: fc.constantFrom(...Object.keys(FAULTS)),
    minor: fc.constantFrom(0 as const, 1 as const, 1 as const),
    connection,
    upload: fc.constantFrom(0, 0, 10, 100_000),
    conduct: fc.record({
      framing: fc.constantFrom('length', 'chunked', 'until-end', 'no-content'),
      minor: fc.constantFrom(0 as const, 1 as const, 1 as const),
      connection,
      interim: fc.constantFrom(0, 0, 1, 2),
      pieces: fc.integer({ min: 1, max: 4 }),
      early: fc.boolean(),
      unannounced: fc.constantFrom(false, false, false, true),
      patient: fc.boolean(),
    }),
  })
  // Behind a fault that holds the answer, nobody sees whether it came early.
  .map((one) => (HOLDS.test(one.fault) ? { ...one, conduct: { ...one.conduct, early: false } } : one));

describe('connections to an upstream', () => {
  it('carry another call only where nothing that was said and nothing that came speaks against it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(call, { minLength: 2, maxLength: 6 }), async (calls) => {
        const upstream = await lawfulUpstream((path) => calls[Number(path.split('/')[2])]!.conduct);
        const proxy = await testProxy({
          upstream: { kind: 'url', url: upstream.url },
          rules: testRules(({ path }) => FAULTS[path.split('/')[1]!]),
        });
        const answers: string[] = [];
        for (const [nth, one] of calls.entries()) {
          answers.push(await ask(proxy.port, `/${one.fault}/${nth}`, one));
          if (one.conduct.unannounced) await upstream.settled();
        }
        await proxy.close(0);
        expect(answers).toEqual(
          calls.map(({ fault, conduct }, nth) =>
            conduct.framing === 'no-content' ? '204 ' : `200 /${fault}/${nth}`,
          ),
        );
        expect(upstream.misused).toEqual([]);
      }),
      { numRuns: 80, timeout: 15_000, endOnFailure: true },
    );
  });

  it.each(Object.keys(FAULTS))(
    'are not used again when more than the answer came, with the fault %s',
    async (fault) => {
      const answer = (nth: number): string =>
        `HTTP/1.1 200 OK\r\nContent-Length: ${`/${fault}/0`.length}\r\n\r\n/${fault}/${nth}`;
      let dialled = 0;
      const upstream = await rawUpstream(
        (peer) => {
          dialled += 1;
          const first = dialled === 1;
          peer.socket.on('data', () =>
            peer.socket.write(first ? `${answer(0)}HTTP/1.1 200 OK\r\n` : answer(1)),
          );
        },
        { tls: false },
      );
      atEnd(() => upstream.close());
      const proxy = await testProxy({
        upstream: { kind: 'url', url: upstream.url },
        rules: testRules(() => FAULTS[fault]),
      });
      const how = { minor: 1, connection: undefined, upload: 0 } as const;
      for (const nth of [0, 1])
        expect(await ask(proxy.port, `/${fault}/${nth}`, how)).toBe(`200 /${fault}/${nth}`);
      expect(dialled).toBe(2);
    },
  );

  it('are kept where both sides go on', async () => {
    const upstream = await lawfulUpstream(() => STEADY);
    const proxy = await testProxy({ upstream: { kind: 'url', url: upstream.url } });
    for (const [nth, minor] of ([1, 0, 1] as const).entries())
      await ask(proxy.port, `/none/${nth}`, { minor, connection: 'keep-alive', upload: 100_000 });
    expect(upstream.dialled()).toBe(1);
  });
});

const STEADY: Conduct = {
  framing: 'length',
  minor: 1,
  connection: 'keep-alive',
  interim: 0,
  pieces: 3,
  early: false,
  unannounced: false,
  patient: true,
};

/** Makes one call on a connection of its own. @returns its status and its body, without the chunks' framing */
async function ask(
  port: number,
  path: string,
  how: Pick<Call, 'minor' | 'connection' | 'upload'> & { readonly conduct?: Conduct },
): Promise<string> {
  const socket = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
  const peer = watch(socket);
  const lines = [`POST ${path} HTTP/1.${how.minor}`, 'Host: x', `Content-Length: ${how.upload}`];
  if (how.connection !== undefined) lines.push(`Connection: ${how.connection}`);
  const half = Math.floor(how.upload / 2);
  socket.write(`${lines.join('\r\n')}\r\n\r\n${'a'.repeat(half)}`);
  if (how.conduct?.early) await peer.until('HTTP/1.');
  socket.write('a'.repeat(how.upload - half));
  await Promise.race([peer.ended, peer.until(path), peer.until(' 204 ').then(() => peer.until('\r\n\r\n'))]);
  socket.destroy();
  const text = peer.received().toString('latin1');
  const final = text.slice(text.search(/HTTP\/1\.\d [2-5]/));
  const status = final.slice(9, 12);
  return `${status} ${status === '204' ? '' : (/\/\w+\/\d/.exec(final)?.[0] ?? final)}`;
}
