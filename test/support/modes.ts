/** The three ways to reach a proxy, as raw sockets: what a client writes is what goes on the wire. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import tls from 'node:tls';
import { onTestFinished } from 'vitest';
import type { RunningProxy } from '../../src/app/proxy.ts';
import { type CertificateAuthority, openAuthority } from '../../src/ca/authority.ts';

export type Mode = 'absolute-form' | 'CONNECT+TLS' | 'origin-form';
export const MODES: readonly Mode[] = ['absolute-form', 'CONNECT+TLS', 'origin-form'];

export interface ModeClient {
  readonly socket: net.Socket;
  /** The TCP socket below; the same as `socket` without TLS. */
  readonly raw: net.Socket;
  /** Start of a request line and Host: `GET ` + this + path. */
  readonly targetPrefix: string;
  readonly host: string;
}

let authority: Promise<CertificateAuthority> | undefined;

/** One authority for all tests of a process, for `api.anthropic.com`. Its files are gone once it is open: it needs them no more. */
export function testAuthority(): Promise<CertificateAuthority> {
  authority ??= (async () => {
    const stateDir = mkdtempSync(join(tmpdir(), 'aep-ca-'));
    try {
      return await openAuthority({ stateDir, targets: ['api.anthropic.com'] });
    } finally {
      rmSync(stateDir, { recursive: true, force: true });
    }
  })();
  return authority;
}

/** A file with what its clients must trust, for this test. */
export async function certificateFile(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'aep-ca-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'ca.pem');
  writeFileSync(file, (await testAuthority()).certificatePem);
  return file;
}

/** Opens a client connection through which requests can be written. */
export async function openClient(
  mode: Mode,
  proxy: RunningProxy,
  options: { allowHalfOpen?: boolean; ca?: string } = {},
): Promise<ModeClient> {
  const raw = net.connect({
    host: '127.0.0.1',
    port: proxy.port,
    allowHalfOpen: options.allowHalfOpen ?? true,
    noDelay: true,
  });
  raw.on('error', () => {});
  await new Promise<void>((resolve, reject) => {
    raw.once('connect', () => resolve());
    raw.once('error', reject);
  });
  if (mode === 'origin-form') return { socket: raw, raw, targetPrefix: '', host: `127.0.0.1:${proxy.port}` };
  if (mode === 'absolute-form')
    return { socket: raw, raw, targetPrefix: 'http://api.anthropic.com', host: 'api.anthropic.com' };
  raw.write('CONNECT api.anthropic.com:443 HTTP/1.1\r\nHost: api.anthropic.com:443\r\n\r\n');
  await new Promise<void>((resolve) => raw.once('data', () => resolve()));
  const ca = options.ca ?? (await testAuthority()).certificatePem;
  const socket = tls.connect({
    socket: raw,
    servername: 'api.anthropic.com',
    ca,
    ALPNProtocols: ['http/1.1'],
  });
  socket.on('error', () => {});
  await new Promise<void>((resolve, reject) => {
    socket.once('secureConnect', () => resolve());
    socket.once('error', reject);
  });
  return { socket, raw, targetPrefix: '', host: 'api.anthropic.com' };
}
