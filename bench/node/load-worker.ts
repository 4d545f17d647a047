/** A worker thread of the stand-in load generator: some of the connections. */
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { createSecureContext } from 'node:tls';
import { parentPort, workerData } from 'node:worker_threads';
import { Client, isTls, nowNs } from './client.ts';
import { type LoadOptions, requestBytes } from './load-options.ts';
import { emptyTally, type Tally } from './tally.ts';

const OPENING_AT_ONCE = 32;
const TOO_MANY_ERRORS = 100;

/** `first`: number of this worker's first connection among all. */
const { options, first } = workerData as { options: LoadOptions; first: number };
const context = isTls(options) ? createSecureContext({ ca: readFileSync(options.ca!) }) : undefined;
const tally: Tally = emptyTally();
const clients = Array.from(
  { length: options.connections },
  () => new Client(options, context, requestBytes(options), tally),
);

async function attempt(client: Client): Promise<void> {
  try {
    await client.call();
  } catch (error) {
    if (tally.errors++ === 0) tally.firstError = (error as Error).message;
  }
}

/** Lets every connection work, each from its moment on. */
async function all(work: (client: Client) => Promise<void>): Promise<void> {
  const waiting = clients.entries();
  const lane = async (): Promise<void> => {
    for (const [index, client] of waiting) {
      const wait = options.staggerMs * (first + index);
      await (wait > 0 ? sleep(wait).then(() => work(client)) : work(client));
    }
  };
  // Opening 2,000 at once would measure the backlog. Connections that stay busy each need a lane of their own.
  const lanes = options.connections > 256 ? OPENING_AT_ONCE : options.connections;
  await Promise.all(Array.from({ length: lanes }, lane));
}

async function run(seconds: number): Promise<void> {
  const deadline = performance.now() + seconds * 1000;
  await all(async (client) => {
    while (performance.now() < deadline && tally.errors < TOO_MANY_ERRORS) await attempt(client);
  });
}

async function count(n: number): Promise<void> {
  await all(async (client) => {
    for (let i = 0; i < n && tally.errors < TOO_MANY_ERRORS; i++) await attempt(client);
  });
}

async function listener(): Promise<Socket> {
  for (;;) {
    const socket = connect({ host: '127.0.0.1', port: options.port, noDelay: true });
    const reached = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    });
    if (reached) return socket;
    await sleep(1);
  }
}

/** Tries until something listens; the connection that got through carries the request. */
async function start(): Promise<void> {
  const client = clients[0]!;
  const socket = await listener();
  tally.listeningAt = nowNs();
  try {
    await client.adopt(socket);
    await attempt(client);
  } catch (error) {
    tally.errors++;
    tally.firstError = (error as Error).message;
  }
}

parentPort!.on('message', async (command: string) => {
  Object.assign(tally, emptyTally());
  const [name, number] = command.split(' ');
  if (name === 'run') await run(Number(number));
  else if (name === 'count') await count(Number(number));
  else if (name === 'hold') await sleep(Number(number) * 1000);
  else await start();
  tally.open = clients.filter((client) => client.open).length;
  parentPort!.postMessage(tally);
});
