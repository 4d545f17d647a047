/**
 * Where a connection begins: its first bytes say whether it is TLS, HTTP or something that we leave alone.
 * The outermost connection is HTTP (a proxy request or the base URL); a tunnel to a target is sniffed.
 */
import { sniff } from '../core/tls/sniff.ts';
import { openBlindTunnel } from './connect.ts';
import type { ConnectionContext } from './context.ts';
import type { Engine, Live } from './engine.ts';
import { HttpConnection } from './http-connection.ts';
import { interceptTls } from './intercept.ts';
import type { Transport } from './transport.ts';

/** Takes over a transport. `first` are bytes of it that were read already. */
export function acceptConnection(
  engine: Engine,
  transport: Transport,
  context: ConnectionContext,
  first?: Buffer,
): void {
  if (context.target === undefined || context.tls) {
    new HttpConnection(engine, transport, context).start(first);
    return;
  }
  waitForFirstBytes(engine, transport, first, (bytes) => {
    switch (sniff(bytes)) {
      case 'more':
        return false;
      case 'tls':
        interceptTls(engine, transport, context, bytes);
        return true;
      case 'http':
        new HttpConnection(engine, transport, context).start(bytes);
        return true;
      default:
        openBlindTunnel(engine, transport, context, bytes);
        return true;
    }
  });
}

/**
 * Collects a connection's first bytes until `take` has seen enough of them. Without a timer:
 * a client that says nothing is left in peace (ruling 2). The stream is paused when `take` says yes.
 *
 * @returns a function that stops the waiting and gives what came so far
 */
export function waitForFirstBytes(
  engine: Engine,
  transport: Transport,
  first: Buffer | undefined,
  take: (bytes: Buffer) => boolean,
): () => Buffer {
  if (first !== undefined && first.length > 0 && take(first)) return () => first;
  const { stream } = transport;
  let seen = first ?? NOTHING;
  const stop = (): Buffer => {
    stream.pause();
    leave();
    return seen;
  };
  const live: Live = {
    busy: false,
    drain: () => stream.destroy(),
    destroy: () => stream.destroy(),
    sweep: () => {},
  };
  const leave = (): void => {
    engine.remove(live);
    stream.off('data', onData);
    stream.off('end', onEnd);
    stream.off('error', onError);
    stream.off('close', leave);
  };
  const onData = (chunk: Buffer): void => {
    seen = seen.length === 0 ? chunk : Buffer.concat([seen, chunk]);
    stop();
    if (!take(seen)) enter();
  };
  const onEnd = (): void => {
    stream.end();
  };
  const onError = (): void => {};
  const enter = (): void => {
    // A socket tells its end even while it is paused: the client has left before anybody listened.
    if (stream.readableEnded) {
      stream.end();
      return;
    }
    engine.add(live);
    stream.on('data', onData);
    stream.on('end', onEnd);
    stream.on('error', onError);
    stream.on('close', leave);
    stream.resume();
  };
  enter();
  return stop;
}

const NOTHING = Buffer.alloc(0);
