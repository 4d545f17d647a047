/** One upstream, one proxy, one client: what most wire tests begin with. */
import type { ProxyOptions } from '../../src/app/proxy.ts';
import { type Mode, type ModeClient, openClient } from './modes.ts';
import { atEnd, type TestProxy, testProxy } from './proxy.ts';
import { type RawUpstream, rawUpstream, type UpstreamSocket, watch } from './raw-upstream.ts';

export interface Setup {
  readonly upstream: RawUpstream;
  readonly proxy: TestProxy;
  readonly client: ModeClient;
  /** What the client received, and how its connection ended. */
  readonly peer: UpstreamSocket;
  /** Writes a request of the mode's form. `rest` is what follows the Host line: more header lines, CRLF, body. */
  send(line: `${string} /${string}`, rest?: string | Buffer): void;
}

/** @param serve what the upstream does with each connection */
export async function setUp(
  mode: Mode,
  serve: (peer: UpstreamSocket) => void,
  options: Partial<ProxyOptions> = {},
): Promise<Setup> {
  const upstream = await rawUpstream(serve);
  atEnd(() => upstream.close());
  const proxy = await testProxy({
    upstream: { kind: 'url', url: upstream.url },
    upstreamCa: upstream.ca,
    ...options,
  });
  const client = await openClient(mode, proxy);
  atEnd(() => client.raw.destroy());
  return {
    upstream,
    proxy,
    client,
    peer: watch(client.socket),
    send: (line, rest = '\r\n') => {
      const [method, path] = line.split(' ') as [string, string];
      const head = `${method} ${client.targetPrefix}${path} HTTP/1.1\r\nHost: ${client.host}\r\n`;
      client.socket.write(Buffer.concat([Buffer.from(head), Buffer.from(rest as string)]));
    },
  };
}
