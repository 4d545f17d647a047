/** Answers CONNECT: a tunnel to a target is looked into, one to ourselves is served here, all others stay blind. */

import { renderAnswer } from '../core/http1/answer.ts';
import type { RequestHead } from '../core/http1/head.ts';
import { parseAuthority } from '../core/net/authority.ts';
import { canonicalIp } from '../core/net/ip.ts';
import { Problem } from '../core/problem.ts';
import { readClientHello } from '../core/tls/client-hello.ts';
import type { ClientStream } from './client-stream.ts';
import { acceptConnection } from './connection.ts';
import { tellConnectionError } from './connection-error.ts';
import { decideConnection } from './connection-faults.ts';
import { type ConnectionContext, inTunnel } from './context.ts';
import type { Engine } from './engine.ts';
import { FirstBytes } from './first-bytes.ts';
import type { HttpConnection } from './http-connection.ts';
import { likelyRuntime } from './likely-runtime.ts';
import { ownFailure, ownStatus } from './own-failure.ts';
import type { Authority, Transport } from './transport.ts';
import { joinTunnel } from './tunnel.ts';

/**
 * Written as text: handles have a function for texts and one for bytes, and while only TLS ever wrote bytes, V8 calls
 * that one directly, which all later calls gain from.
 */
const ESTABLISHED = 'HTTP/1.1 200 Connection established\r\n\r\n';

/**
 * Answers a CONNECT and hands the stream on.
 *
 * @param rest bytes that came behind the head: they belong to the tunnel
 * @throws FramingError for an authority that is none
 */
export function answerConnect(connection: HttpConnection, head: RequestHead, rest: Buffer): void {
  const { engine, context } = connection;
  const to = authorityOf(head.target);
  if (engine.options.self.is(to)) {
    if (context.depth > 0)
      throw new Problem('loop', 'a CONNECT to this proxy inside a CONNECT to this proxy is refused');
    const first = hand(connection, rest);
    acceptConnection(connection.client, { ...context, depth: context.depth + 1 }, first);
    return;
  }
  const inner = inTunnel(context, to, likelyRuntime(head));
  if (engine.options.targets.matches(to.host, to.port)) {
    openToTarget(connection, inner, to, rest);
    return;
  }
  if (!engine.options.openToOthers) {
    refuse(
      connection,
      403,
      'tunnel-refused',
      `tunnels to hosts that are no targets (${to.host}) are refused while this proxy listens beyond loopback; --allow-tunnels permits them`,
    );
    return;
  }
  if (canonicalIp(to.host) !== undefined) {
    // The name is in the TLS hello only (ruling 2): answer first, then look for it.
    lookForTarget(connection.client, inner, to, hand(connection, rest));
    return;
  }
  dialFirst(connection, inner, to, rest);
}

let lastTarget = '';
let lastAuthority: Authority | undefined;

/** Clients open one tunnel after another to the same place. */
function authorityOf(target: string): Authority {
  if (lastAuthority === undefined || target !== lastTarget) {
    lastAuthority = parseAuthority(target);
    lastTarget = target;
  }
  return lastAuthority;
}

/** Passes a stream whose bytes are none of our business to where the client wanted it. */
export function openBlindTunnel(
  client: ClientStream,
  context: ConnectionContext,
  first: Buffer | undefined,
): void {
  const to = context.target;
  if (!to) {
    client.destroy();
    return;
  }
  const { engine } = client;
  const transport = client.release();
  joinWhenOpen(engine, context, transport, to, dial(engine, transport, to), first);
}

/** Joins a client with the upstream that is being opened for it. */
function joinWhenOpen(
  engine: Engine,
  context: ConnectionContext,
  client: Transport,
  to: Authority,
  opening: Promise<Transport>,
  first: Buffer | undefined,
): void {
  opening.then(
    (upstream) => joinTunnel(engine, context, client, upstream, to, first),
    (error: unknown) => {
      report(engine, context, to, Problem.from(error));
      client.stream.destroy();
    },
  );
}

function openToTarget(
  connection: HttpConnection,
  context: ConnectionContext,
  to: Authority,
  rest: Buffer,
): void {
  const { engine, client, transport } = connection;
  const faults = decideConnection(engine, context.connection, {
    to,
    sni: undefined,
    via: 'connect',
    transport,
  });
  const refusal = faults?.refusal();
  if (refusal) {
    connection.write(renderAnswer({ ...refusal, headers: [...refusal.headers, ['Connection', 'close']] }));
    connection.close();
    return;
  }
  const first = hand(connection, rest);
  if (!faults) acceptConnection(client, context, first);
  else faults.accepted(transport, () => acceptConnection(client, { ...context, faults }, first));
}

/** Says 200 and gives the stream away. @returns bytes of it that were read already */
function hand(connection: HttpConnection, rest: Buffer): Buffer | undefined {
  connection.transport.stream.write(ESTABLISHED, 'latin1');
  connection.handOver();
  return rest.length > 0 ? rest : undefined;
}

/**
 * A tunnel to an IP address: its TLS hello may name a target. The upstream is opened meanwhile, so that a
 * server that speaks first is not kept waiting for its client.
 */
function lookForTarget(
  client: ClientStream,
  context: ConnectionContext,
  to: Authority,
  first: Buffer | undefined,
): void {
  const { engine, transport } = client;
  const opening = dial(engine, transport, to);
  let decided = false;
  const stayBlind = (bytes: Buffer | undefined): void => {
    decided = true;
    joinWhenOpen(engine, context, client.release(), to, opening, bytes);
  };
  const looking = new FirstBytes(client, (bytes) => {
    const hello = readClientHello(bytes);
    if (hello.kind === 'more') return false;
    decided = true;
    if (hello.kind !== 'hello' || !hello.sni || !engine.options.targets.matches(hello.sni, to.port)) {
      stayBlind(bytes);
      return true;
    }
    opening.then((unused) => unused.stream.destroy(), noMatter);
    const { sni } = hello;
    const faults = decideConnection(engine, context.connection, { to, sni, via: 'connect', transport });
    if (!faults) acceptConnection(client, context, bytes);
    else faults.accepted(transport, () => acceptConnection(client, { ...context, faults }, bytes));
    return true;
  });
  looking.start(first);
  opening.then((upstream) => {
    const leave = (): void => {
      if (!decided) upstream.stream.destroy();
    };
    if (transport.stream.destroyed) leave();
    else transport.stream.once('close', leave);
    upstream.stream.once('readable', () => {
      if (decided) return;
      stayBlind(looking.stop());
    });
  }, noMatter);
}

/** For a dial whose failure is told elsewhere. */
function noMatter(): void {}

function dialFirst(
  connection: HttpConnection,
  context: ConnectionContext,
  to: Authority,
  rest: Buffer,
): void {
  const { engine } = connection;
  const early = connection.handOver();
  const client = connection.client.release();
  const first = early ? Buffer.concat([rest, early]) : rest;
  dial(engine, client, to).then(
    (upstream) => {
      client.stream.write(ESTABLISHED, 'latin1');
      joinTunnel(engine, context, client, upstream, to, first);
    },
    (error: unknown) => {
      const problem = Problem.from(error);
      report(engine, context, to, problem);
      const { stream } = client;
      if (stream.destroyed) return;
      stream.end(
        ownFailure(ownStatus(problem), problem.code, problem.message, engine.options.clock.wall(), true),
      );
      stream.resume();
    },
  );
}

async function dial(engine: Engine, client: Transport, to: Authority): Promise<Transport> {
  const giveUp = new AbortController();
  const onClose = (): void => giveUp.abort();
  client.stream.once('close', onClose);
  try {
    return await engine.options.router.tunnel(to, giveUp.signal);
  } finally {
    client.stream.off('close', onClose);
  }
}

function refuse(connection: HttpConnection, status: number, code: string, message: string): void {
  const { engine, context } = connection;
  tellConnectionError(engine, context, undefined, code, message);
  connection.write(ownFailure(status, code, message, engine.options.clock.wall(), true));
  connection.close();
}

function report(engine: Engine, context: ConnectionContext, to: Authority, problem: Problem): void {
  tellConnectionError(engine, context, to.host, problem.code, problem.message);
}
