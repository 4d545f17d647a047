/** What random walks have found, shrunk to the steps that matter. */
import { type Play, playbook } from './playbook.ts';
import type { Peer } from './stage.ts';
import { API, CONNECTED, connectTo, GET, JSON_ANSWER } from './words.ts';

const ADDRESS = '10.0.0.1:443';

/** A client whose request an upstream has got. */
async function asked({ connects, we }: Play, decided: string): Promise<{ client: Peer; upstream: Peer }> {
  const client = await connects();
  await client.says(GET);
  const upstream = we.dial(API);
  we.tell(`decided ${decided}`);
  await upstream.opens();
  we.send(upstream, /^GET /);
  return { client, upstream };
}

// Its FIN said once more that the body was complete, and so all of the answer went out once more.
playbook(
  'a rewritten answer on its way out goes out once, though its upstream ends behind it',
  {
    faults: [
      { kind: 'body-not-json', text: 'upstream connect error' },
      { kind: 'bandwidth', down: '100B' },
    ],
  },
  async (play) => {
    const { we, clock } = play;
    const { client, upstream } = await asked(play, 'body-not-json + bandwidth');
    upstream.leg.says(JSON_ANSWER);
    await upstream.ends();
    await clock.passes(10_000);
    we.send(client, /^HTTP\/1\.1 200 OK\r\n(?!.*HTTP\/1\.1).*\r\n\r\n/s);
    we.drop(upstream);
    we.tell('applied body-not-json', 'head 200 upstream', 'applied bandwidth', 'ended complete, injected');
    await client.ends();
    we.end(client);
  },
);

// Our own side was ended with it: what it had said was lost, and what the server said was written behind the end.
playbook(
  'a client that half-closes amid its first words in a tunnel to an address is heard, and hears',
  {},
  async ({ connects, we }) => {
    const client = await connects();
    client.leg.says(`${connectTo(ADDRESS)}\x16`);
    await client.ends();
    we.send(client, CONNECTED);
    const upstream = we.dial(ADDRESS);
    await upstream.opens();
    we.send(upstream, '\x16');
    we.end(upstream);
    await upstream.says('down');
    we.send(client, 'down');
    await upstream.ends();
    we.end(client);
    we.tell('tunnel ended 1 up, 4 down');
  },
);

// It had left, and was joined with the upstream all the same as long as it had not taken the answer to its CONNECT.
playbook(
  'a client that leaves a tunnel to an address without a word is not joined',
  {},
  async ({ connects, we }) => {
    const client = await connects();
    client.stalls();
    client.leg.says(connectTo(ADDRESS));
    await client.ends();
    const upstream = we.dial(ADDRESS);
    we.giveUp(upstream);
    we.tell('connection error client-left');
    await client.reads();
    we.send(client, CONNECTED);
    we.end(client);
  },
);
