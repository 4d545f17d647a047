/** How connections end: by a fault, by the client, by the upstream, by us. */
import { describe } from 'vitest';
import { type Play, playbook } from './playbook.ts';
import type { Peer } from './stage.ts';
import { ANSWER, API, GET, HALF_ANSWER, POST } from './words.ts';

/** How a client can leave, and what of ours then follows on its own connection. */
const LEAVES = ['ends', 'resets'] as const;

function tookFault(how: string): { faults: unknown[] } {
  return { faults: [{ kind: 'disconnect', how, at: 'request' }] };
}

describe('a fault ends the connection with', () => {
  const told = ['decided disconnect', 'applied disconnect', 'ended fault-end, injected'];

  for (const how of ['close', 'abrupt'])
    playbook(how, tookFault(how), async ({ connects, we }) => {
      const client = await connects();
      await client.says(GET);
      we.end(client);
      we.tell(...told);
    });

  playbook('reset, 20 ms behind its last byte', tookFault('reset'), async ({ connects, we, clock }) => {
    const client = await connects();
    await client.says(GET);
    we.tell(...told);
    await clock.passes(19);
    we.wait();
    await clock.passes(1);
    we.reset(client);
  });

  playbook(
    'half-close, and reads on until the client leaves',
    tookFault('half-close'),
    async ({ connects, we, clock }) => {
      const client = await connects();
      await client.says(GET);
      we.end(client);
      we.tell(...told);
      await client.says('more');
      await clock.passes(3_600_000);
      we.wait();
      await client.ends();
    },
  );

  for (const leaves of LEAVES)
    playbook(
      `silence, until the client ${leaves}`,
      { faults: [{ kind: 'timeout' }] },
      async ({ connects, we, clock }) => {
        const client = await connects();
        await client.says(GET);
        we.tell('decided timeout', 'applied timeout');
        await clock.passes(3_600_000);
        we.wait();
        await client[leaves]();
        if (leaves === 'ends') we.drop(client);
        we.tell('ended fault-end, injected');
      },
    );

  playbook(
    'silence, until the proxy stops',
    { faults: [{ kind: 'timeout' }] },
    async ({ connects, we, stops }) => {
      const client = await connects();
      await client.says(GET);
      we.tell('decided timeout', 'applied timeout');
      await stops(60_000);
      we.drop(client);
      we.tell('ended shutdown, natural');
    },
  );

  playbook(
    'reset while it idles',
    { faults: [{ kind: 'disconnect', how: 'reset', at: { idle: '5s' } }] },
    async (play) => {
      const { we, clock } = play;
      const { client, upstream } = await answered(play, 'disconnect');
      await upstream.says(ANSWER);
      we.send(client, ANSWER);
      we.tell('head 200 upstream', 'ended complete');
      await clock.passes(5_000);
      we.tell('applied disconnect');
      await clock.passes(20);
      we.reset(client);
    },
  );

  playbook(
    'nothing, since it was used again',
    { faults: [{ kind: 'disconnect', how: 'reset', at: { idle: '5s' } }] },
    async (play) => {
      const { we } = play;
      const { client, upstream } = await answered(play, 'disconnect');
      await upstream.says(ANSWER);
      we.send(client, ANSWER);
      we.tell('head 200 upstream', 'ended complete');
      await client.resets();
      we.tell('skipped disconnect');
    },
  );

  playbook(
    'reset, once a slow client has taken what came before',
    { faults: [{ kind: 'disconnect', how: 'reset', at: { bytes_down: `${HALF_ANSWER.length}B` } }] },
    async (play) => {
      const { we, clock } = play;
      const { client, upstream } = await answered(play, 'disconnect');
      client.stalls();
      await upstream.says(ANSWER);
      we.drop(upstream);
      we.tell('head 200 upstream', 'applied disconnect', 'ended fault-end, injected');
      await clock.passes(4_000);
      we.wait();
      await client.reads();
      we.send(client, HALF_ANSWER);
      await clock.passes(20);
      we.reset(client);
    },
  );

  playbook(
    'reset, when a stuck client has taken nothing for 5 s',
    { faults: [{ kind: 'disconnect', how: 'reset', at: { bytes_down: `${HALF_ANSWER.length}B` } }] },
    async (play) => {
      const { we, clock } = play;
      const { client, upstream } = await answered(play, 'disconnect');
      client.stalls();
      await upstream.says(ANSWER);
      we.drop(upstream);
      we.tell('head 200 upstream', 'applied disconnect', 'ended fault-end, injected');
      await clock.passes(5_020);
      we.reset(client);
    },
  );
});

/** A client whose request an upstream has got. */
async function answered({ connects, we }: Play, decided = 'pass'): Promise<{ client: Peer; upstream: Peer }> {
  const client = await connects();
  await client.says(GET);
  const upstream = we.dial(API);
  we.tell(`decided ${decided}`);
  await upstream.opens();
  we.send(upstream, /^GET /);
  return { client, upstream };
}

describe('the client goes away', () => {
  for (const leaves of LEAVES) {
    playbook(`${leaves} within its head`, {}, async ({ connects, we }) => {
      const client = await connects();
      await client.says(GET.slice(0, 20));
      await client[leaves]();
      if (leaves === 'ends') we.end(client);
    });

    playbook(`${leaves} within its body`, {}, async ({ connects, we }) => {
      const client = await connects();
      await client.says(`${POST}01234`);
      const upstream = we.dial(API);
      await upstream.opens();
      we.send(upstream, /01234$/);
      await client[leaves]();
      we.drop(upstream);
      if (leaves === 'ends') we.drop(client);
      we.tell('decided pass', 'ended client-abort, natural');
    });

    playbook(`${leaves} while its upstream is dialled`, {}, async ({ connects, we, clock }) => {
      const client = await connects();
      await client.says(GET);
      const upstream = we.dial(API);
      await clock.passes(250);
      await client[leaves]();
      we.giveUp(upstream);
      if (leaves === 'ends') we.drop(client);
      we.tell('decided pass', 'ended client-abort, natural');
    });

    playbook(`${leaves} before its answer`, {}, async (play) => {
      const { we, clock } = play;
      const { client, upstream } = await answered(play);
      await clock.passes(250);
      await client[leaves]();
      we.drop(upstream);
      if (leaves === 'ends') we.drop(client);
      we.tell('ended client-abort, natural');
    });

    playbook(`${leaves} amid its answer`, {}, async (play) => {
      const { we, clock } = play;
      const { client, upstream } = await answered(play);
      await upstream.says(HALF_ANSWER);
      we.send(client, HALF_ANSWER);
      await clock.passes(250);
      await client[leaves]();
      we.drop(upstream);
      if (leaves === 'ends') we.drop(client);
      we.tell('head 200 upstream', 'ended client-abort, natural');
    });

    playbook(
      `${leaves} while a fault delays its call`,
      { faults: [{ kind: 'latency', delay: '9s' }] },
      async ({ connects, we, clock }) => {
        const client = await connects();
        await client.says(GET);
        await clock.passes(250);
        await client[leaves]();
        if (leaves === 'ends') we.drop(client);
        we.tell('decided latency', 'applied latency', 'ended client-abort, injected');
      },
    );
  }

  playbook(
    'resets amid an answer that is slowed down, and nothing of it is left waiting',
    { faults: [{ kind: 'bandwidth', down: '10B' }] },
    async (play) => {
      const { we, clock } = play;
      const { client, upstream } = await answered(play, 'bandwidth');
      await upstream.says(`HTTP/1.1 200 OK\r\nContent-Length: 200\r\n\r\n${'a'.repeat(200)}`);
      await clock.passes(5_000);
      we.send(client, /a{10}$/);
      await client.resets();
      we.drop(upstream);
      we.tell('head 200 upstream', 'applied bandwidth', 'ended client-abort, injected');
    },
  );

  playbook('half-closes behind its request: it gets its answer', {}, async (play) => {
    const { we, clock } = play;
    const { client, upstream } = await answered(play);
    await clock.passes(249);
    await client.ends();
    await clock.passes(60_000);
    we.wait();
    await upstream.says(ANSWER);
    we.send(client, ANSWER);
    we.end(client);
    we.tell('head 200 upstream', 'ended complete');
  });

  playbook(
    'half-closes behind several requests: all are answered',
    { faults: ['overloaded'] },
    async ({ connects, we }) => {
      const client = await connects();
      client.leg.says(GET + GET + GET);
      await client.ends();
      we.send(client, /^(HTTP\/1\.1 529 (?:(?!HTTP).)*){3}$/s);
      we.end(client);
      for (let call = 0; call < 3; call += 1)
        we.tell('decided http-error', 'applied http-error', 'head 529 injected', 'ended complete, injected');
    },
  );
});

describe('the proxy stops', () => {
  playbook('at once, amid an upload', {}, async ({ connects, we, stops }) => {
    const client = await connects();
    await client.says(`${POST}01234`);
    const upstream = we.dial(API);
    await upstream.opens();
    we.send(upstream, /01234$/);
    await stops(0);
    we.drop(client);
    we.drop(upstream);
    we.tell('decided pass', 'ended shutdown, natural');
  });

  playbook('at once, amid a dial', {}, async ({ connects, we, stops }) => {
    const client = await connects();
    await client.says(GET);
    const upstream = we.dial(API);
    await stops(0);
    we.drop(client);
    we.giveUp(upstream);
    we.tell('decided pass', 'ended shutdown, natural');
  });

  playbook('with a grace in which a call is done', {}, async (play) => {
    const { we, clock, stops } = play;
    const { client, upstream } = await answered(play);
    await stops(10_000);
    await clock.passes(9_000);
    we.wait();
    await upstream.says(ANSWER);
    we.send(client, ANSWER);
    we.end(client);
    we.drop(upstream);
    we.tell('head 200 upstream', 'ended complete');
  });

  playbook('with a grace that was not enough', {}, async (play) => {
    const { we, clock, stops } = play;
    const { client, upstream } = await answered(play);
    await upstream.says(HALF_ANSWER);
    we.send(client, HALF_ANSWER);
    await stops(10_000);
    await clock.passes(10_000);
    we.drop(client);
    we.drop(upstream);
    we.tell('head 200 upstream', 'ended shutdown, natural');
  });

  playbook('amid an answer that only its connection ends: a reset', {}, async (play) => {
    const { we, stops } = play;
    const { client, upstream } = await answered(play);
    await upstream.says('HTTP/1.1 200 OK\r\n\r\nhel');
    we.send(client, /hel$/);
    await stops(0);
    we.reset(client);
    we.drop(upstream);
    we.tell('head 200 upstream', 'ended shutdown, natural');
  });
});

describe('nobody uses it', () => {
  playbook('the client’s connection ends after ten minutes, the upstream’s after one', {}, async (play) => {
    const { we, clock } = play;
    const { client, upstream } = await answered(play);
    await upstream.says(ANSWER);
    we.send(client, ANSWER);
    we.tell('head 200 upstream', 'ended complete');
    await clock.passes(59_999);
    we.wait();
    await clock.passes(1);
    we.drop(upstream);
    await clock.passes(540_000);
    we.drop(client);
  });

  playbook('the upstream’s FIN ends the one that is kept', {}, async (play) => {
    const { we } = play;
    const { client, upstream } = await answered(play);
    await upstream.says(ANSWER);
    we.send(client, ANSWER);
    we.tell('head 200 upstream', 'ended complete');
    await upstream.ends();
    we.drop(upstream);
    await client.ends();
    we.end(client);
  });

  playbook('bytes that nobody asked for end the one that is kept', {}, async (play) => {
    const { we } = play;
    const { client, upstream } = await answered(play);
    await upstream.says(ANSWER);
    we.send(client, ANSWER);
    we.tell('head 200 upstream', 'ended complete');
    await upstream.says(ANSWER);
    we.drop(upstream);
    await client.ends();
    we.end(client);
  });

  playbook(
    'a client that was told of the end has a moment for its own',
    {},
    async ({ connects, we, clock }) => {
      const client = await connects();
      await client.says('junk\r\n\r\n');
      we.send(client, /^HTTP\/1\.1 400 /);
      we.end(client);
      we.tell('connection error bad-request-framing');
      await clock.passes(20_000); // it never leaves, and nothing of it is held
    },
  );
});
