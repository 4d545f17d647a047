/** The journey of a call in HTTP: each exit of the diagram in docs/architecture.md, from junk to a whole answer. */
import { describe } from 'vitest';
import { type Play, playbook } from './playbook.ts';
import type { Peer } from './stage.ts';
import {
  ANSWER,
  API,
  asUpstreamSees,
  chunk,
  GET,
  HALF_ANSWER,
  JSON_ANSWER,
  LAST_CHUNK,
  POST,
  STREAM_HEAD,
  sse,
  UNTIL_FIN,
} from './words.ts';

/** A client whose request an upstream has got. */
async function asked({ connects, we }: Play, decided = 'pass'): Promise<{ client: Peer; upstream: Peer }> {
  const client = await connects();
  await client.says(GET);
  const upstream = we.dial(API);
  we.tell(`decided ${decided}`);
  await upstream.opens();
  we.send(upstream, /^GET \/v1\/models HTTP\/1\.1\r\nHost: api\.anthropic\.com\r\n/);
  return { client, upstream };
}

/** The client leaves between calls. */
async function leaves(client: Peer, { we }: Play): Promise<void> {
  await client.ends();
  we.end(client);
}

describe('requests that go nowhere', () => {
  playbook('junk', {}, async ({ connects, we }) => {
    const client = await connects();
    await client.says('\0\0junk\r\n\r\n');
    we.send(client, /^HTTP\/1\.1 400 .*x-proxy-error: bad-request-framing/s);
    we.end(client);
    we.tell('connection error bad-request-framing');
    await client.ends();
  });

  playbook('ambiguous framing', { faults: ['overloaded'] }, async ({ connects, we }) => {
    const client = await connects();
    await client.says(POST.replace('\r\n\r\n', '\r\nTransfer-Encoding: chunked\r\n\r\n'));
    we.send(client, /^HTTP\/1\.1 400 /);
    we.end(client);
    we.tell('connection error bad-request-framing');
    await client.ends();
  });

  playbook('a body that is malformed', {}, async ({ connects, we }) => {
    const client = await connects();
    await client.says(POST.replace('Content-Length: 10', 'Transfer-Encoding: chunked'));
    const upstream = we.dial(API);
    we.tell('decided pass');
    await upstream.opens();
    we.send(upstream, /chunked\r\n\r\n$/);
    await client.says('no chunk\r\n');
    we.send(client, /^HTTP\/1\.1 400 /);
    we.drop(upstream);
    we.end(client);
    we.tell('connection error bad-request-framing', 'error bad-request-framing', 'head 400 proxy');
    we.tell('ended bad-request, natural');
    await client.ends();
  });

  playbook(
    'a foreign Host is refused, and counts as nothing',
    { faults: ['overloaded'] },
    async ({ connects, we }) => {
      const client = await connects();
      await client.says('GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n');
      we.send(client, /^HTTP\/1\.1 403 .*x-proxy-error: foreign-host/s);
      we.end(client);
      we.tell('connection error foreign-host', 'notice foreign-host');
      await client.ends();
    },
  );

  playbook(
    'a web page of elsewhere is refused, and counts as nothing',
    { faults: ['overloaded'] },
    async ({ connects, we }) => {
      const client = await connects();
      await client.says(GET.replace('\r\n\r\n', '\r\nOrigin: https://evil.example\r\n\r\n'));
      we.send(client, /^HTTP\/1\.1 403 .*x-proxy-error: foreign-page/s);
      we.end(client);
      we.tell('connection error foreign-page', 'notice foreign-page');
      await client.ends();
    },
  );

  playbook('a host that is no target, beyond loopback', { openToOthers: false }, async (play) => {
    const { connects, we } = play;
    const client = await connects();
    await client.says('GET http://other.example/ HTTP/1.1\r\nHost: other.example\r\n\r\n');
    we.send(client, /^HTTP\/1\.1 403 /);
    we.tell('decided pass', 'error loop', 'head 403 proxy', 'ended complete, natural');
    await leaves(client, play);
  });
});

describe('before the upstream is asked', () => {
  playbook(
    'an answer is injected, and the connection stays usable',
    { faults: ['overloaded'] },
    async (play) => {
      const { connects, we } = play;
      const client = await connects();
      for (let call = 0; call < 2; call += 1) {
        await client.says(GET);
        we.send(client, /^HTTP\/1\.1 529 .*overloaded_error/s);
        we.tell('decided http-error', 'applied http-error', 'head 529 injected', 'ended complete, injected');
      }
      await leaves(client, play);
    },
  );

  playbook(
    'an answer is injected after a delay',
    { faults: [{ kind: 'latency', delay: '2s' }, 'overloaded'] },
    async (play) => {
      const { connects, we, clock } = play;
      const client = await connects();
      await client.says(GET);
      we.tell('decided latency + http-error', 'applied latency');
      await clock.passes(1_999);
      we.wait();
      await clock.passes(1);
      we.send(client, /^HTTP\/1\.1 529 /);
      we.tell('applied http-error', 'head 529 injected', 'ended complete, injected');
      await leaves(client, play);
    },
  );

  playbook('an injected answer waits for the whole request', { faults: ['overloaded'] }, async (play) => {
    const { connects, we } = play;
    const client = await connects();
    await client.says(`${POST}01234`);
    we.tell('decided http-error');
    await client.says('56789');
    we.send(client, /^HTTP\/1\.1 529 /);
    we.tell('applied http-error', 'head 529 injected', 'ended complete, injected');
    await leaves(client, play);
  });

  playbook(
    'an injected answer is slowed down like an upstream’s',
    { faults: ['overloaded', { kind: 'latency', delay: '1s', at: 'head' }] },
    async (play) => {
      const { connects, we, clock } = play;
      const client = await connects();
      await client.says(GET);
      we.tell('decided http-error + latency', 'applied latency');
      await clock.passes(1_000);
      we.send(client, /^HTTP\/1\.1 529 /);
      we.tell('applied http-error', 'head 529 injected', 'ended complete, injected');
      await leaves(client, play);
    },
  );

  playbook(
    'the connection is reset',
    { faults: [{ kind: 'disconnect', how: 'reset', at: 'request' }] },
    async ({ connects, we, clock }) => {
      const client = await connects();
      await client.says(GET);
      we.tell('decided disconnect', 'applied disconnect', 'ended fault-end, injected');
      await clock.passes(20);
      we.reset(client);
    },
  );

  playbook(
    'the upload is cut',
    { faults: [{ kind: 'disconnect', how: 'reset', at: { bytes_up: `${POST.length + 5}B` } }] },
    async ({ connects, we, clock }) => {
      const client = await connects();
      await client.says(POST);
      const upstream = we.dial(API);
      we.tell('decided disconnect');
      await upstream.opens();
      we.send(upstream, asUpstreamSees(POST));
      await client.says('012345');
      we.send(upstream, '012345');
      we.drop(upstream);
      we.tell('applied disconnect', 'ended fault-end, injected');
      await clock.passes(20);
      we.reset(client);
    },
  );

  playbook('the upload is slowed down', { faults: [{ kind: 'bandwidth', up: '10B' }] }, async (play) => {
    const { connects, we, clock } = play;
    const client = await connects();
    await client.says(`${POST}0123456789`);
    const upstream = we.dial(API);
    we.tell('decided bandwidth', 'applied bandwidth');
    await upstream.opens();
    await clock.passes(60_000);
    we.send(upstream, asUpstreamSees(`${POST}0123456789`));
    await upstream.says(ANSWER);
    we.send(client, ANSWER);
    we.tell('head 200 upstream', 'ended complete');
    await leaves(client, play);
  });
});

describe('an upstream that gives no answer', () => {
  for (const [code, status] of [
    ['upstream-refused', 502],
    ['upstream-timeout', 504],
  ] as const)
    playbook(`${code}: ${status}`, {}, async (play) => {
      const { connects, we } = play;
      const client = await connects();
      await client.says(GET);
      const upstream = we.dial(API);
      await upstream.fails(code);
      we.send(client, new RegExp(`^HTTP/1\\.1 ${status} .*x-proxy-error: ${code}`, 's'));
      we.tell('decided pass', `error ${code}`, `head ${status} proxy`, 'ended complete, natural');
      await leaves(client, play);
    });

  for (const how of ['ends', 'resets'] as const)
    playbook(`it ${how} before its head`, {}, async (play) => {
      const { we } = play;
      const { client, upstream } = await asked(play);
      await upstream[how]();
      we.send(client, /^HTTP\/1\.1 502 .*x-proxy-error: upstream-reset/s);
      if (how === 'ends') we.drop(upstream);
      we.tell('error upstream-reset', 'head 502 proxy', 'ended complete, natural');
      await leaves(client, play);
    });

  playbook('it says what is no HTTP', {}, async (play) => {
    const { we } = play;
    const { client, upstream } = await asked(play);
    await upstream.says('SSH-2.0-x\r\n');
    we.drop(upstream);
    we.send(client, /^HTTP\/1\.1 502 .*x-proxy-error: upstream-bad-response/s);
    we.tell('error upstream-bad-response', 'head 502 proxy', 'ended complete, natural');
    await leaves(client, play);
  });
});

describe('an answer that no fault touches', () => {
  playbook('is complete, and both connections carry the next', {}, async (play) => {
    const { we } = play;
    const { client, upstream } = await asked(play);
    await upstream.says(HALF_ANSWER);
    we.send(client, HALF_ANSWER);
    we.tell('head 200 upstream');
    await upstream.says(ANSWER.slice(HALF_ANSWER.length));
    we.send(client, ANSWER.slice(HALF_ANSWER.length));
    we.tell('ended complete');
    await client.says(GET);
    we.send(upstream, asUpstreamSees(GET));
    await upstream.says(ANSWER);
    we.send(client, ANSWER);
    we.tell('decided pass', 'head 200 upstream', 'ended complete');
    await leaves(client, play);
  });

  playbook('in pieces of one byte', {}, async (play) => {
    const { we } = play;
    const { client, upstream } = await asked(play);
    const answer = `${STREAM_HEAD}${chunk('hello')}${LAST_CHUNK}`;
    for (const byte of answer) await upstream.says(byte);
    we.send(client, answer);
    we.tell('head 200 upstream', 'ended complete');
    await leaves(client, play);
  });

  playbook('until the upstream’s FIN', {}, async (play) => {
    const { we } = play;
    const { client, upstream } = await asked(play);
    await upstream.says(UNTIL_FIN);
    we.send(client, UNTIL_FIN);
    we.tell('head 200 upstream');
    await upstream.ends();
    we.drop(upstream);
    we.end(client);
    we.tell('ended complete');
    await client.ends();
  });

  playbook('the upstream ends it too early', {}, async (play) => {
    const { we } = play;
    const { client, upstream } = await asked(play);
    await upstream.says(HALF_ANSWER);
    we.send(client, HALF_ANSWER);
    await upstream.ends();
    we.drop(upstream);
    we.end(client);
    we.tell('head 200 upstream', 'error upstream-reset', 'ended upstream-abort, natural');
  });

  playbook('the upstream resets it', {}, async (play) => {
    const { we, clock } = play;
    const { client, upstream } = await asked(play);
    await upstream.says(HALF_ANSWER);
    we.send(client, HALF_ANSWER);
    await upstream.resets();
    we.tell('head 200 upstream', 'error upstream-reset', 'ended upstream-abort, natural');
    await clock.passes(20);
    we.reset(client);
  });

  playbook(
    'a slow client slows the upstream, and the end is told once it has taken all',
    {},
    async (play) => {
      const { we } = play;
      const { client, upstream } = await asked(play);
      const answer = `HTTP/1.1 200 OK\r\nContent-Length: 600\r\n\r\n${'a'.repeat(600)}`;
      client.stalls();
      await upstream.says(answer);
      we.tell('head 200 upstream');
      we.wait();
      await client.reads();
      we.send(client, answer);
      we.tell('ended complete');
      await leaves(client, play);
    },
  );

  playbook('an error in its stream is told as natural', {}, async (play) => {
    const { we } = play;
    const { client, upstream } = await asked(play);
    const error = sse({ type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } });
    const answer = `${STREAM_HEAD}${chunk(error)}${LAST_CHUNK}`;
    await upstream.says(answer);
    we.send(client, answer);
    we.tell('head 200 upstream', 'error upstream-stream-error', 'ended complete, natural');
    await leaves(client, play);
  });

  playbook('101 makes a tunnel of both connections', {}, async (play) => {
    const { connects, we } = play;
    const client = await connects();
    await client.says(GET.replace('\r\n\r\n', '\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n'));
    const upstream = we.dial(API);
    await upstream.opens();
    we.send(upstream, /Upgrade: x/);
    const answer = 'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n';
    await upstream.says(answer);
    we.send(client, answer);
    we.tell('decided pass', 'head 101 upstream');
    await client.says('up');
    we.send(upstream, 'up');
    await upstream.says('down');
    we.send(client, 'down');
    await client.ends();
    we.end(upstream);
    await upstream.ends();
    we.end(client);
    we.tell('ended complete', 'tunnel ended 2 up, 4 down');
  });
});

describe('an answer that faults touch', () => {
  playbook(
    'its head is delayed',
    { faults: [{ kind: 'latency', delay: '3s', at: 'head' }] },
    async (play) => {
      const { we, clock } = play;
      const { client, upstream } = await asked(play, 'latency');
      await upstream.says(ANSWER);
      we.tell('applied latency');
      await clock.passes(3_000);
      we.send(client, ANSWER);
      we.tell('head 200 upstream', 'ended complete');
      await leaves(client, play);
    },
  );

  playbook(
    'it ends before its head',
    { faults: [{ kind: 'disconnect', how: 'close', at: 'head' }] },
    async (play) => {
      const { we } = play;
      const { client, upstream } = await asked(play, 'disconnect');
      await upstream.says(ANSWER);
      we.drop(upstream);
      we.end(client);
      we.tell('applied disconnect', 'ended fault-end, injected');
    },
  );

  playbook(
    'it is cut',
    { faults: [{ kind: 'disconnect', how: 'reset', at: { bytes_down: `${HALF_ANSWER.length}B` } }] },
    async (play) => {
      const { we, clock } = play;
      const { client, upstream } = await asked(play, 'disconnect');
      await upstream.says(ANSWER);
      we.send(client, HALF_ANSWER);
      we.drop(upstream);
      we.tell('head 200 upstream', 'applied disconnect', 'ended fault-end, injected');
      await clock.passes(20);
      we.reset(client);
    },
  );

  playbook(
    'it is shorter than the cut',
    { faults: [{ kind: 'disconnect', how: 'reset', at: { bytes_down: '1KiB' } }] },
    async (play) => {
      const { we } = play;
      const { client, upstream } = await asked(play, 'disconnect');
      await upstream.says(ANSWER);
      we.send(client, ANSWER);
      we.tell('head 200 upstream', 'skipped disconnect', 'ended complete');
      await leaves(client, play);
    },
  );

  playbook('it is slowed down', { faults: [{ kind: 'bandwidth', down: '10B' }] }, async (play) => {
    const { we, clock } = play;
    const { client, upstream } = await asked(play, 'bandwidth');
    await upstream.says(ANSWER);
    await clock.passes(60_000);
    we.send(client, ANSWER);
    we.tell('head 200 upstream', 'applied bandwidth', 'ended complete');
    await leaves(client, play);
    await clock.passes(60_000);
    we.drop(upstream); // nobody used it for a minute
  });

  playbook('its body is rewritten', { faults: ['body-not-json'] }, async (play) => {
    const { we } = play;
    const { client, upstream } = await asked(play, 'body-not-json');
    await upstream.says(JSON_ANSWER.slice(0, -1));
    we.wait();
    await upstream.says(JSON_ANSWER.slice(-1));
    we.send(client, /^HTTP\/1\.1 200 OK\r\n(?!.*\{"a":1\})/s);
    we.tell('applied body-not-json', 'head 200 upstream', 'ended complete, injected');
    await leaves(client, play);
  });

  playbook(
    'its stream is cut before an event',
    { faults: [{ kind: 'stream-cut', after: { events: 1 }, how: 'clean' }] },
    async (play) => {
      const { we } = play;
      const { client, upstream } = await asked(play, 'stream-cut');
      await upstream.says(STREAM_HEAD + chunk(sse({ type: 'message_start' })));
      we.send(client, /event: message_start.*0\r\n\r\n$/s);
      we.drop(upstream);
      we.tell('head 200 upstream', 'applied stream-cut', 'ended complete, injected');
      await leaves(client, play);
    },
  );

  playbook(
    'its stream stalls, and goes on',
    { faults: [{ kind: 'stream-stall', after: { events: 1 }, for: '30s' }] },
    async (play) => {
      const { we, clock } = play;
      const { client, upstream } = await asked(play, 'stream-stall');
      await upstream.says(
        STREAM_HEAD +
          chunk(sse({ type: 'message_start' })) +
          chunk(sse({ type: 'message_stop' })) +
          LAST_CHUNK,
      );
      we.send(client, /event: message_start\n[^\n]*\n\n\r\n$/);
      we.tell('head 200 upstream', 'applied stream-stall');
      await clock.passes(29_999);
      we.wait();
      await clock.passes(1);
      we.send(client, /event: message_stop.*0\r\n\r\n$/s);
      we.tell('ended complete');
      await leaves(client, play);
    },
  );
});
