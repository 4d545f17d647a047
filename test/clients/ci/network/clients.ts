/** The clients of docs/network-faults.md, and how each is run against a list of proxies. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bareEnvironment } from '../../support/bare-environment.ts';
import { runProgram } from '../../support/run-program.ts';
import { installGoNetwork, installPython, ROOT } from '../install.ts';

/** A proxy with one fault, and how often to call. */
export interface Stop {
  readonly port: number;
  /** Calls again on the same connection, so many milliseconds later. */
  readonly again: number | undefined;
}

export type TlsVersion = '1.2' | '1.3';

export interface NamingClient {
  readonly title: string;
  /** Package or program, and its version. */
  version(): readonly [string, string];
  /** Installs what it needs; blocks. */
  prepare(): void;
  /** What the client says of each stop, in order: `ok`, or its error. */
  name(version: TlsVersion, stops: readonly Stop[], ca: string): Promise<readonly string[]>;
}

/** Seconds after which each client gives up; the rows say so. */
const TIMEOUT = '2.5';
/** More than all stops of one run take. */
const LIMIT_MS = 120_000;

/**
 * The error that reached the program and the innermost cause, without what changes from build to build.
 *
 * @param chain errors as `Class CODE` or `Class "words"`, outermost first; none: all went well
 */
function phrase(chain: readonly string[]): string {
  const [outer, inner] = [chain[0], chain.at(-1)].map((said) =>
    said
      ?.replace(/ ?\(_ssl\.c:\d+\)|_ssl\.c:\d+: |\[SSL: [A-Z_\d]+\] |\[Errno \d+\] /g, '')
      .replace(/\d+ bytes/g, 'N bytes')
      .replace(/expected \d+/, 'expected N')
      .replace(/^(Error|\*errors\.errorString) /, ''),
  );
  if (outer === undefined || inner === undefined) return 'ok';
  return chain.length === 1 ? outer : `${outer.split(' ')[0]} of ${inner}`;
}

/** @param command installs what is not there yet */
function program(
  title: string,
  version: NamingClient['version'],
  command: () => readonly [string, ...string[]],
): NamingClient {
  return {
    title,
    version,
    prepare: () => void command(),
    name: async (tls, stops, ca) => {
      const [file, ...args] = command();
      const words = stops.map(({ port, again }) => (again === undefined ? `${port}` : `${port}+${again}`));
      const env = {
        ...bareEnvironment(),
        SSL_CERT_FILE: ca,
        NODE_EXTRA_CA_CERTS: ca,
        ANTHROPIC_API_KEY: 'sk-ant-dummy',
      };
      const done = await runProgram(file, [...args, tls, TIMEOUT, ...words], env, '', LIMIT_MS);
      const lines = done.stdout.trim().split('\n');
      if (done.code !== 0 || lines.length !== stops.length)
        throw new Error(`${title} ended with ${done.code}\n${done.stdout}${done.stderr}`);
      return lines.map((line) => phrase(JSON.parse(line) as string[]));
    },
  };
}

/** `curl_easy_perform`'s names of the codes that occur here. */
const CURL_CODES: Readonly<Record<number, string>> = {
  18: 'PARTIAL_FILE',
  28: 'OPERATION_TIMEDOUT',
  35: 'SSL_CONNECT_ERROR',
  52: 'GOT_NOTHING',
  55: 'SEND_ERROR',
  56: 'RECV_ERROR',
  60: 'PEER_FAILED_VERIFICATION',
};

async function curlOnce(version: TlsVersion, { port, again }: Stop, ca: string): Promise<string> {
  const limits = ['--tls-max', version, `--tlsv${version}`];
  const call = [
    ...['-sS', '-o', '-', '--http1.1', '-x', `http://127.0.0.1:${port}`, '--cacert', ca, ...limits],
    ...['--max-time', TIMEOUT, '-H', 'content-type: application/json', '-H', 'x-api-key: sk-ant-dummy'],
    ...[
      '-H',
      'anthropic-version: 2023-06-01',
      '-d',
      '{"model":"claude-opus-5-5","max_tokens":64,"messages":[{"role":"user","content":"Hello."}]}',
    ],
    'https://api.anthropic.com/v1/messages',
  ];
  // Two transfers of one process share its connections; --rate keeps them apart.
  const pace = again === undefined || again === 0 ? [] : ['--rate', `${Math.floor(60_000 / again)}/m`];
  const args = again === undefined ? call : [...pace, ...call, '--next', ...call];
  const { code, stderr } = await runProgram('curl', args, bareEnvironment());
  if (code === 0) return 'ok';
  const name = CURL_CODES[code ?? -1];
  if (name === undefined) throw new Error(`curl ended with ${code}: ${stderr}`);
  const words = stderr
    .split('\n')
    .filter((line) => line.startsWith('curl: ('))
    .at(-1)!
    .replace(/^curl: \(\d+\) /, '')
    .replace(/ after \d+ milliseconds.*| with \d+ out of.*/, '')
    .replace(/\d+ bytes/, 'N bytes')
    .replace(/OpenSSL\/[\d.]+: |error:[\dA-F]+:SSL routines::/g, '');
  return `${code} ${name} "${words.trim()}"`;
}

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const NODE = here('../../programs/network/node.mjs');
const PYTHON = here('../../programs/network/calls.py');
const PYTHON_SDK = '1.13.0';

function said(file: string, ...args: string[]): string {
  return execFileSync(file, args, { encoding: 'utf8' });
}

function packageVersion(name: string): string {
  const file = join(ROOT, 'node_modules', name, 'package.json');
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}

function goModule(name: string): string {
  const file = readFileSync(join(ROOT, 'test', 'clients', 'ci', 'go', 'go.mod'), 'utf8');
  return new RegExp(`${name} v(\\S+)`).exec(file)![1]!;
}

export const namingClients: readonly NamingClient[] = [
  {
    title: 'curl',
    version: () => ['curl', /curl (\S+)/.exec(said('curl', '--version'))![1]!],
    prepare: () => {},
    name: async (version, stops, ca) => {
      const names: string[] = [];
      for (const stop of stops) names.push(await curlOnce(version, stop, ca));
      return names;
    },
  },
  program(
    'Node `fetch`',
    () => ['Node', process.versions.node],
    () => [process.execPath, NODE, 'fetch'],
  ),
  program(
    'TypeScript SDK',
    () => ['@anthropic-ai/sdk', packageVersion('@anthropic-ai/sdk')],
    () => [process.execPath, NODE, 'sdk'],
  ),
  program(
    'Python `http.client`',
    () => ['Python', /Python (\S+)/.exec(said('python3', '--version'))![1]!],
    () => ['python3', PYTHON, 'http'],
  ),
  program(
    'Python SDK',
    () => ['anthropic (Python)', PYTHON_SDK],
    () => [join(installPython(PYTHON_SDK), 'bin', 'python'), PYTHON, 'sdk'],
  ),
  program(
    'Go `net/http`',
    () => ['Go', /go(\d\S+)/.exec(said('go', 'version'))![1]!],
    () => [installGoNetwork(), 'http'],
  ),
  program(
    'Go SDK',
    () => ['anthropic-sdk-go', goModule('anthropic-sdk-go')],
    () => [installGoNetwork(), 'sdk'],
  ),
];
