/** curl through the CONNECT proxy: as separate from us as a client can be. */
import { spawn } from 'node:child_process';
import type { AcceptanceBench } from './bench.ts';

export interface CurlResult {
  readonly code: number | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** @param args behind those for the proxy and our CA; paths are of `https://api.anthropic.com` */
export function curl(
  { caller, caFile }: AcceptanceBench,
  args: readonly string[],
  options: { trust?: boolean; input?: Buffer; until?: Promise<unknown> } = {},
): Promise<CurlResult> {
  const way = ['--noproxy', '', '-x', `http://127.0.0.1:${caller.port}`];
  const trust = options.trust === false ? [] : ['--cacert', caFile];
  return runCurl([...way, ...trust, ...args], options.input, options.until);
}

/**
 * curl with nothing but these arguments and a limit of time.
 *
 * @param until it is ended then, if it still runs: its code is null
 */
export function runCurl(
  args: readonly string[],
  input?: Buffer,
  until?: Promise<unknown>,
): Promise<CurlResult> {
  const common = ['-sS', '--max-time', '60'];
  return new Promise((resolve, reject) => {
    const child = spawn('curl', [...common, ...args], { env: { PATH: process.env.PATH } });
    const out: Buffer[] = [];
    let stderr = '';
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    child.on('error', reject);
    void until?.then(() => child.kill(), reject);
    child.on('close', (code) => resolve({ code, stdout: Buffer.concat(out), stderr }));
    child.stdin.on('error', () => {});
    child.stdin.end(input ?? '');
  });
}

export const url = (path: string): string => `https://api.anthropic.com${path}`;
export const VERSIONS = [
  ['TLS 1.2', ['--tls-max', '1.2']],
  ['TLS 1.3', ['--tlsv1.3']],
] as const;
