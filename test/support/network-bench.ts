/** An upstream, a proxy with one fault, and a raw tap in front of it; and a client as raw as Node allows. */
import net from 'node:net';
import tls from 'node:tls';
import type { ProxyOptions } from '../../src/app/proxy.ts';
import { compileRules } from '../../src/core/rules/compile.ts';
import { testAuthority } from './modes.ts';
import { atEnd, type TestProxy, testProxy } from './proxy.ts';
import { answering, rawUpstream } from './raw-upstream.ts';
import { openTap, type Tap } from './tap.ts';

export const VERSIONS = ['TLSv1.2', 'TLSv1.3'] as const;
export type Version = (typeof VERSIONS)[number];

const BODY = 'x'.repeat(2000);
export const ANSWER = `HTTP/1.1 200 OK\r\nContent-Length: ${BODY.length}\r\n\r\n${BODY}`;

export interface Bench {
  readonly proxy: TestProxy;
  readonly tap: Tap;
}

/** An upstream that answers, a proxy with one rule, and a tap in front of it. */
export async function behindTap(fault: unknown, options: Partial<ProxyOptions> = {}): Promise<Bench> {
  const upstream = await rawUpstream(answering(() => ANSWER));
  atEnd(() => upstream.close());
  const proxy = await testProxy({
    upstream: { kind: 'url', url: upstream.url },
    upstreamCa: upstream.ca,
    rules: compileRules([{ name: 'net', fault }], { seed: '1', messages: 'real' }),
    ...options,
  });
  return { proxy, tap: await openTap(proxy.port) };
}

export interface Seen {
  /** Plain text received. */
  readonly text: string;
  /** `end` (an orderly end), or the code of the error. */
  readonly how: string;
}

/** Opens a tunnel through the tap and begins a TLS handshake in it. @returns what came in place of a tunnel, if none did */
export async function openSecure(tap: Tap, version: Version): Promise<tls.TLSSocket | string> {
  const raw = net.connect({ host: '127.0.0.1', port: tap.port, allowHalfOpen: true });
  atEnd(() => raw.destroy());
  raw.write('CONNECT api.anthropic.com:443 HTTP/1.1\r\nHost: api.anthropic.com:443\r\n\r\n');
  const status = await new Promise<string>((resolve) => {
    raw.once('data', (data) => resolve(data.toString('latin1')));
    raw.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
  });
  if (!status.startsWith('HTTP/1.1 200')) return status;
  const ca = (await testAuthority()).certificatePem;
  const limits = { minVersion: version, maxVersion: version } as const;
  return tls.connect({ socket: raw, servername: 'api.anthropic.com', ca, ...limits });
}

export const REQUEST = 'GET /v1/models HTTP/1.1\r\nHost: api.anthropic.com\r\n\r\n';

/** Opens a tunnel through the tap, shakes hands and sends one GET, as raw as Node allows. */
export async function nodeCall(tap: Tap, version: Version): Promise<Seen> {
  const socket = await openSecure(tap, version);
  if (typeof socket === 'string') return { text: socket, how: 'refused' };
  let text = '';
  return new Promise((resolve) => {
    const over = (how: string): void => resolve({ text, how });
    socket.on('data', (data: Buffer) => {
      text += data.toString('latin1');
    });
    socket.on('end', () => over('end'));
    socket.on('error', (error: NodeJS.ErrnoException) => over(error.code ?? error.message));
    socket.on('close', () => over('close'));
    socket.on('secureConnect', () => socket.write(REQUEST));
  });
}
