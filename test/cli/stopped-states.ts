/** A run with a call, a tunnel or a dial in every state there is, to be stopped. */
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { join } from 'node:path';
import tls from 'node:tls';
import { expect, onTestFinished } from 'vitest';
import type { Ready } from '../../src/cli/ready.ts';
import type { ProxyEvent } from '../../src/core/events.ts';
import type { Summary } from '../../src/observe/summary.ts';
import { type Running, startProgram } from './built-program.ts';

const TARGET = 'api.anthropic.com';

/** Waits that end with the run alone. */
const RULES = `
rules:
  - { name: request, when: { path: /v1/at-request }, fault: { kind: latency, delay: 1h, at: request } }
  - { name: head, when: { path: /v1/at-head }, fault: { kind: latency, delay: 1h, at: head } }
  - { name: silence, when: { path: /v1/timeout }, fault: { kind: timeout } }
  - { name: stall, when: { path: /v1/stall }, fault: { kind: stream-stall, after: { events: 1 } } }
  - { name: slow, when: { path: /v1/slow }, fault: { kind: bandwidth, down: 10B } }
`;

/** Calls that are decided, and never end by themselves: their paths, and whether an upload is left open. */
const CALLS: readonly (readonly [path: string, unfinished?: boolean])[] = [
  ['/v1/silent'],
  ['/v1/half'],
  ['/v1/streaming'],
  ['/v1/uploading', true],
  ['/v1/at-request'],
  ['/v1/at-head'],
  ['/v1/timeout'],
  ['/v1/stall'],
  ['/v1/slow'],
];

const EVENT = 'event: ping\ndata: {"type": "ping"}\n\n';

/** Answers as far as each path says, and no further. */
async function stuckUpstream(): Promise<number> {
  const server = createServer((request, response) => {
    request.on('error', () => {}).resume();
    response.on('error', () => {});
    switch (request.url) {
      case '/v1/half':
        response.writeHead(200, { 'content-length': 100 }).write('half');
        break;
      case '/v1/streaming':
      case '/v1/stall':
        response.writeHead(200, { 'content-type': 'text/event-stream' }).write(EVENT.repeat(3));
        break;
      case '/v1/at-head':
      case '/v1/slow':
        response.end('x'.repeat(10_000));
        break;
      default:
    }
  });
  return listening(server, () => server.closeAllConnections());
}

/** Takes connections and says nothing. */
async function silentServer(): Promise<number> {
  const sockets = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    sockets.add(socket.on('error', () => {}).resume());
  });
  return listening(server, () => {
    for (const socket of sockets) socket.destroy();
  });
}

async function listening(server: net.Server, end: () => void): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    end();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

export interface Stuck {
  readonly program: Running;
  readonly url: string;
  /** How many calls are under way. */
  readonly calls: number;
  /** Resolves when every client has seen its connection end. */
  readonly clientsEnded: Promise<unknown>;
}

/** Starts the program, and brings it into all the states. @returns when it is in them */
export async function stuckRun(main: string, flags: readonly string[]): Promise<Stuck> {
  const [upstream, silent] = [await stuckUpstream(), await silentServer()];
  const program = startProgram(
    main,
    [
      ...['--standalone', '--proxy-port', '0', '--config', 'rules.yaml', '--log-format', 'json'],
      ...['--upstream', `http://127.0.0.1:${upstream}`, '--upstream-proxy', `http://127.0.0.1:${silent}`],
      ...['--event-log', 'e.jsonl', '--ready-file', 'r.json', ...flags],
    ],
    { NO_PROXY: '127.0.0.1' },
  );
  writeFileSync(join(program.folder, 'rules.yaml'), RULES);
  const [line] = await program.until(/^\{.*"type":"ready".*\n/m);
  const { url, port, ca } = JSON.parse(line) as Ready;
  const ended: Promise<unknown>[] = [];
  const client = (text: string): net.Socket => {
    const socket = net.connect(port, '127.0.0.1');
    socket.on('error', () => {}).on('data', () => {});
    socket.write(text);
    ended.push(new Promise((resolve) => socket.once('close', resolve)));
    onTestFinished(() => void socket.destroy());
    return socket;
  };
  const connect = async (to: string): Promise<net.Socket> => {
    const socket = client(`CONNECT ${to} HTTP/1.1\r\nhost: ${to}\r\n\r\n`);
    await once(socket, 'data');
    return socket;
  };

  // Nothing that rules could be asked about yet.
  client('');
  client('GET /v1/mod');
  client('POST /v1/messages HTTP/1.1\r\nhost: x\r\ncontent-le');
  client(`CONNECT ${TARGET}:443 HT`);
  await connect(`${TARGET}:443`);
  (await connect(`${TARGET}:443`)).write(Buffer.from([22, 3, 1, 2, 0, 1, 0, 1]));
  // Tunnels: one that stands, one whose way is not open yet.
  (await connect(`127.0.0.1:${silent}`)).write('not HTTP at all');
  client('CONNECT example.org:443 HTTP/1.1\r\nhost: example.org:443\r\n\r\n');
  // A call whose upstream is dialled for ever.
  client('GET http://other.test/v1/models HTTP/1.1\r\nhost: other.test\r\n\r\n');

  for (const [path, unfinished = false] of CALLS) {
    const head = `POST ${path} HTTP/1.1\r\nhost: ${TARGET}\r\ncontent-length: ${unfinished ? 100 : 2}\r\n\r\n{}`;
    client(head);
    const secure = tls.connect({
      ...{ socket: await connect(`${TARGET}:443`), servername: TARGET, ca: readFileSync(ca!, 'utf8') },
    });
    secure.on('error', () => {}).on('data', () => {});
    await once(secure, 'secureConnect');
    secure.write(head);
  }
  const stuck = { program, url, calls: 2 * CALLS.length, clientsEnded: Promise.all(ended) };
  await expect
    .poll(() => eventsOf(program).filter(({ type }) => type === 'exchange.decided').length, {
      timeout: 10_000,
    })
    .toBeGreaterThanOrEqual(stuck.calls);
  return stuck;
}

/** The event log so far. */
export function eventsOf({ folder }: Running): ProxyEvent[] {
  return readFileSync(join(folder, 'e.jsonl'), 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((text) => JSON.parse(text) as ProxyEvent);
}

/** Asserts that each call was told to its end, once, and that the summary adds up. */
export function expectAllTold({ program, calls }: Stuck): void {
  const events = eventsOf(program);
  const exchanges = (type: ProxyEvent['type']): number[] =>
    events.flatMap((event) => (event.type === type && 'exchange' in event ? [event.exchange] : []));
  const ended = exchanges('exchange.ended');
  expect(new Set(ended).size).toBe(ended.length);
  for (const exchange of exchanges('exchange.decided')) expect(ended).toContain(exchange);
  expect(ended.length).toBeGreaterThanOrEqual(calls);
  // Nothing was given up on.
  expect(events.flatMap((event) => (event.type === 'notice' ? [event.code] : []))).toEqual(['run-ended']);
  const tunnels = events.filter((event) => event.type === 'tunnel.ended');
  expect(tunnels).toContainEqual(expect.objectContaining({ host: '127.0.0.1', bytesUp: 15 }));

  const lines = program.stdout().trimEnd().split('\n');
  const told = lines.map((text) => JSON.parse(text) as { type: string });
  expect(told.filter(({ type }) => type === 'exchange')).toHaveLength(ended.length);
  const summary = told.at(-1) as { type: string } & Summary;
  expect(summary.type).toBe('summary');
  const { seen, injected, passed, natural, abandoned, stopped } = summary;
  expect(seen).toBe(ended.length);
  expect(injected + passed + natural + abandoned + stopped).toBe(seen);
  // Those that faults touched, and those that waited for others.
  expect(stopped).toBeGreaterThanOrEqual(8);
  expect(program.stderr()).toBe('');
}
