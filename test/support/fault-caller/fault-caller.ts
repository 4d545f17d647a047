/**
 * A fake of the fault proxy with one plugin: its CONNECT proxy and its TCP mappings, as far as a plugin can tell.
 *
 * Written from what fault 0.20.24 does; a plugin that passes against a kinder caller proves nothing.
 */
import { randomUUID } from 'node:crypto';
import net from 'node:net';
import type { ProcessTunnelData, Side } from './plugin-call.ts';
import { PluginStream } from './plugin-stream.ts';
import { PolledSocket } from './polled-socket.ts';
import type { PolledStream } from './task.ts';
import { runTunnel, type Tunnel, type TunnelKind } from './tunnel.ts';

export interface FaultCallerOptions {
  readonly process: ProcessTunnelData;
  /** Where a name leads: `api.anthropic.com:443` → a port on loopback. A name that is missing is not connected. */
  readonly hosts: Readonly<Record<string, number>>;
  /** `--upstream`: names whose tunnels the plugin sees. Default: every name in `hosts`. */
  readonly matched?: readonly string[];
  /** What GetPluginInfo said; fault's ANY is SERVER. Several: as many registrations. Default server. */
  readonly sides?: readonly Side[];
  /** To listen on. Default: any that is free. */
  readonly port?: number;
}

export interface FaultCaller {
  /** `HTTPS_PROXY`. */
  readonly url: string;
  readonly port: number;
  /** Opens a TCP mapping to a name in `hosts`. @returns its port */
  map(name: string): Promise<number>;
  /** Tunnels that are open now. */
  readonly tunnels: number;
  /** Errors of all copies so far. */
  readonly errors: readonly Error[];
  close(): Promise<void>;
}

export async function startFaultCaller(options: FaultCallerOptions): Promise<FaultCaller> {
  const { process, hosts, matched = Object.keys(hosts), sides = ['server'] } = options;
  const tunnels = new Set<Tunnel>();
  const errors: Error[] = [];
  const servers: net.Server[] = [];
  const sockets = new Set<net.Socket>();
  const track = (socket: net.Socket): net.Socket => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {});
    return socket;
  };

  const open = (kind: TunnelKind, name: string, client: net.Socket, head?: Buffer): void => {
    const waiting = new PolledSocket(client, head); // keeps what comes before the upstream is there
    const port = hosts[name];
    if (port === undefined) {
      client.destroy();
      return;
    }
    const socket = track(
      net.connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: kind === 'tcp' }),
    );
    const unreachable = (): void => void client.destroy();
    socket.once('error', unreachable);
    socket.once('connect', () => {
      socket.off('error', unreachable); // from here on, an error ends one copy, and no more
      const id = randomUUID();
      const seen = kind === 'tcp' || matched.includes(name);
      const wrap = (side: Side, stream: PolledStream): PolledStream =>
        sides
          .filter((one) => seen && one === side)
          .reduce<PolledStream>((inner) => new PluginStream(inner, id, side, process), stream);
      const tunnel = runTunnel(kind, wrap('client', waiting), wrap('server', new PolledSocket(socket)));
      tunnels.add(tunnel);
      void tunnel.closed.then((failures) => {
        errors.push(...failures);
        tunnels.delete(tunnel);
      });
    });
  };

  const listen = async (accept: (client: net.Socket) => void, noDelay: boolean, at = 0): Promise<number> => {
    const server = net.createServer({ allowHalfOpen: true, noDelay }, (client) => accept(track(client)));
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(at, '127.0.0.1', resolve));
    return (server.address() as net.AddressInfo).port;
  };

  const port = await listen(
    (client) => {
      let received = Buffer.alloc(0);
      client.on('data', function read(chunk: Buffer) {
        received = Buffer.concat([received, chunk]);
        const end = received.indexOf('\r\n\r\n');
        if (end < 0) return;
        client.off('data', read);
        const name = /^CONNECT (\S+) HTTP\/1\.1\r\n/.exec(received.toString('latin1'))?.[1] ?? '';
        // Fault answers before it knows whether it will reach anybody.
        client.write('HTTP/1.1 200 OK\r\n\r\n');
        open('connect', name, client, received.subarray(end + 4));
      });
    },
    false,
    options.port,
  );

  return {
    url: `http://127.0.0.1:${port}`,
    port,
    errors,
    map: (name) => listen((client) => open('tcp', name, client), true),
    get tunnels() {
      return tunnels.size;
    },
    close: async () => {
      for (const tunnel of tunnels) tunnel.drop();
      for (const socket of sockets) socket.destroy();
      await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
    },
  };
}
