/** A blind tunnel: bytes between a client and an upstream, none of them looked at. */
import type { Duplex } from 'node:stream';
import type { ConnectionContext } from '../connection/context.ts';
import type { Services, Tracked } from '../connection/services.ts';
import type { Authority, Transport } from '../transport/transport.ts';

/**
 * Joins two transports until both directions have ended. Half-closes and resets are handed on as they are;
 * a side that reads slowly slows the other one.
 *
 * @param first bytes of the client that were read already
 */
export function joinTunnel(
  services: Services,
  context: ConnectionContext,
  client: Transport,
  upstream: Transport,
  to: Authority,
  first: Buffer | undefined,
  onEnd?: () => void,
): void {
  const { clock, sink } = services.options;
  const started = clock.now();
  let up = 0;
  let down = 0;
  let open = true;
  const live: Tracked = {
    busy: true,
    drain: () => {},
    destroy: () => {
      client.stream.destroy();
      upstream.stream.destroy();
      // Not when both have said that they are closed: whoever stops us does not wait for that.
      finish();
    },
    sweep: () => {},
  };
  services.add(live);
  const finish = (): void => {
    if (!open || !client.stream.destroyed || !upstream.stream.destroyed) return;
    open = false;
    services.remove(live);
    onEnd?.();
    if (sink.active) {
      sink.emit({
        v: 1,
        type: 'tunnel.ended',
        at: clock.wall(),
        connection: context.connection,
        host: to.host,
        port: to.port,
        bytesUp: up,
        bytesDown: down,
        ms: clock.now() - started,
      });
    }
  };
  flow(
    client,
    upstream,
    (bytes) => {
      up += bytes;
    },
    finish,
  );
  flow(
    upstream,
    client,
    (bytes) => {
      down += bytes;
    },
    finish,
  );
  if (first && first.length > 0) {
    up += first.length;
    upstream.stream.write(first);
  }
  // A client that ended its side while the upstream was dialled has said so before anybody listened.
  if (client.stream.readableEnded && !upstream.stream.writableEnded) upstream.stream.end();
  client.stream.resume();
  upstream.stream.resume();
}

function flow(from: Transport, to: Transport, count: (bytes: number) => void, finish: () => void): void {
  const source: Duplex = from.stream;
  const sink: Duplex = to.stream;
  let reset = false;
  source.on('data', (chunk: Buffer) => {
    count(chunk.length);
    if (!sink.destroyed && !sink.write(chunk)) source.pause();
  });
  sink.on('drain', () => source.resume());
  source.on('end', () => {
    if (!sink.destroyed && !sink.writableEnded) sink.end();
  });
  source.on('error', () => {
    reset = true;
    source.destroy(); // an error of TLS leaves the socket open
  });
  source.on('close', () => {
    if (reset) to.reset();
    else if (!sink.destroyed && !source.readableEnded) sink.destroy();
    else if (!sink.destroyed && !sink.writableEnded) sink.end();
    finish();
  });
  if (source.destroyed) queueMicrotask(finish);
}
