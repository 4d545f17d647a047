/** Answers CONNECT: a tunnel to a target is looked into, one to ourselves is served here, all others stay blind. */

import { renderAnswer } from '../core/http1/answer.ts';
import type { RequestHead } from '../core/http1/head.ts';
import { parseAuthority } from '../core/net/authority.ts';
import { canonicalIp } from '../core/net/ip.ts';
import { Problem } from '../core/problem.ts';
import { readClientHello } from '../core/tls/client-hello.ts';
import { acceptConnection, waitForFirstBytes } from './connection.ts';
import { decideConnection } from './connection-faults.ts';
import type { ConnectionContext } from './context.ts';
import type { Engine } from './engine.ts';
import type { HttpConnection } from './http-connection.ts';
import { likelyRuntime } from './likely-runtime.ts';
import { ownFailure, ownStatus } from './own-failure.ts';
import type { Authority, Transport } from './transport.ts';
import { joinTunnel } from './tunnel.ts';

const ESTABLISHED = Buffer.from('HTTP/1.1 200 Connection established\r\n\r\n', 'latin1');

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
    hand(connection, rest, (transport, first) =>
      acceptConnection(engine, transport, { ...context, depth: context.depth + 1 }, first),
    );
    return;
  }
  const inner: ConnectionContext = { ...context, via: 'connect', target: to, runtime: likelyRuntime(head) };
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
    hand(connection, rest, (transport, first) => lookForTarget(engine, transport, inner, to, first));
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
  engine: Engine,
  transport: Transport,
  context: ConnectionContext,
  first: Buffer | undefined,
): void {
  const to = context.target;
  if (!to) {
    transport.stream.destroy();
    return;
  }
  dial(engine, transport, to).then(
    (upstream) => joinTunnel(engine, context, transport, upstream, to, first),
    (error: unknown) => {
      report(engine, context, to, Problem.from(error));
      transport.stream.destroy();
    },
  );
}

function openToTarget(
  connection: HttpConnection,
  context: ConnectionContext,
  to: Authority,
  rest: Buffer,
): void {
  const { engine } = connection;
  const { peer } = connection.transport;
  const faults = decideConnection(engine, context.connection, {
    ...to,
    sni: undefined,
    via: 'connect',
    peer,
  });
  const refusal = faults?.refusal();
  if (refusal) {
    connection.write(renderAnswer({ ...refusal, headers: [...refusal.headers, ['Connection', 'close']] }));
    connection.close();
    return;
  }
  hand(connection, rest, (transport, first) => {
    if (!faults) acceptConnection(engine, transport, context, first);
    else faults.accepted(transport, () => acceptConnection(engine, transport, { ...context, faults }, first));
  });
}

/** Says 200 and gives the stream away. */
function hand(
  connection: HttpConnection,
  rest: Buffer,
  to: (transport: Transport, first: Buffer | undefined) => void,
): void {
  connection.write(ESTABLISHED);
  connection.handOver();
  to(connection.transport, rest.length > 0 ? rest : undefined);
}

/**
 * A tunnel to an IP address: its TLS hello may name a target. The upstream is opened meanwhile, so that a
 * server that speaks first is not kept waiting for its client.
 */
function lookForTarget(
  engine: Engine,
  transport: Transport,
  context: ConnectionContext,
  to: Authority,
  first: Buffer | undefined,
): void {
  const opening = dial(engine, transport, to);
  let decided = false;
  const stayBlind = (bytes: Buffer | undefined): void => {
    decided = true;
    opening.then(
      (upstream) => joinTunnel(engine, context, transport, upstream, to, bytes),
      (error: unknown) => {
        report(engine, context, to, Problem.from(error));
        transport.stream.destroy();
      },
    );
  };
  const stopWaiting = waitForFirstBytes(engine, transport, first, (bytes) => {
    const hello = readClientHello(bytes);
    if (hello.kind === 'more') return false;
    decided = true;
    if (hello.kind !== 'hello' || !hello.sni || !engine.options.targets.matches(hello.sni, to.port)) {
      stayBlind(bytes);
      return true;
    }
    opening.then((unused) => unused.stream.destroy(), noMatter);
    const { sni } = hello;
    const faults = decideConnection(engine, context.connection, {
      ...to,
      sni,
      via: 'connect',
      peer: transport.peer,
    });
    if (!faults) acceptConnection(engine, transport, context, bytes);
    else faults.accepted(transport, () => acceptConnection(engine, transport, { ...context, faults }, bytes));
    return true;
  });
  opening.then((upstream) => {
    const leave = (): void => {
      if (!decided) upstream.stream.destroy();
    };
    if (transport.stream.destroyed) leave();
    else transport.stream.once('close', leave);
    upstream.stream.once('readable', () => {
      if (decided) return;
      stayBlind(stopWaiting());
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
  const first = early ? Buffer.concat([rest, early]) : rest;
  dial(engine, connection.transport, to).then(
    (upstream) => {
      connection.transport.stream.write(ESTABLISHED);
      joinTunnel(engine, context, connection.transport, upstream, to, first);
    },
    (error: unknown) => {
      const problem = Problem.from(error);
      report(engine, context, to, problem);
      const { stream } = connection.transport;
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
  const { clock, sink } = engine.options;
  if (sink.active)
    sink.emit({
      v: 1,
      type: 'connection.error',
      at: clock.wall(),
      connection: context.connection,
      code,
      message,
    });
  connection.write(ownFailure(status, code, message, clock.wall(), true));
  connection.close();
}

function report(engine: Engine, context: ConnectionContext, to: Authority, problem: Problem): void {
  const { sink, clock } = engine.options;
  if (!sink.active) return;
  sink.emit({
    v: 1,
    type: 'connection.error',
    at: clock.wall(),
    connection: context.connection,
    host: to.host,
    code: problem.code,
    message: problem.message,
  });
}
