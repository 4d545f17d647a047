/** Real faults as the tests start them: an HTTP proxy that leads every name to the test's API, or one mapping. */
import { type ChildProcess, spawn } from 'node:child_process';
import net from 'node:net';
import type { Caller, StartCaller } from '../../support/fault-acceptance/bench.ts';
import { freePort } from '../../support/ports.ts';

const START_MS = 15_000;

/**
 * Has fault say when it is ready, which is later than it listens: until its faults are applied, its plugins among them,
 * it lets calls pass untouched.
 */
const LOG = ['--log-level', 'info,fault::proxy=debug'];
const READY = /Applying proxy fault injectors/;

/** The command line of a fault whose HTTP proxy listens on `port` and leads every name to `api` (`host:port`). */
export function faultArguments(to: { pluginUrl: string; port: number; api: string }): string[] {
  return [
    '--log-stdout',
    ...['--api-address', '127.0.0.1:0'],
    'run',
    '--no-ui',
    ...['--grpc-plugin', to.pluginUrl],
    ...['--proxy-address', `127.0.0.1:${to.port}`],
    // Every CONNECT leads to the API, and --upstream is compared with where it leads.
    ...['--http-upstream-override', to.api, '--upstream', to.api],
  ];
}

/** @param more flags of `fault run`, such as `--with-latency` */
export function startReal(file: string, more: readonly string[] = []): StartCaller {
  return (pluginUrl, apiPort) =>
    runFault(file, (port) => [...faultArguments({ pluginUrl, port, api: `127.0.0.1:${apiPort}` }), ...more]);
}

/** A fault without its HTTP proxy, with one mapping from a free port. */
export function startMapping(
  file: string,
  mapping: { protocol?: 'http'; to: string; pluginUrl?: string; more?: readonly string[] },
): Promise<Caller> {
  const { protocol, to, pluginUrl, more = [] } = mapping;
  return runFault(file, (port) => [
    '--log-stdout',
    ...['--api-address', '127.0.0.1:0'],
    'run',
    ...['--no-ui', '--disable-http-proxy'],
    ...(pluginUrl === undefined ? [] : ['--grpc-plugin', pluginUrl]),
    // An HTTP mapping is compared with --upstream in a way that only this passes.
    ...(protocol === undefined
      ? ['--proxy', `${port}=${to}`]
      : ['--upstream', '*', '--proxy', `${protocol}:${port}=${protocol}://${to}`]),
    ...more,
  ]);
}

/**
 * Starts fault, and waits until its plugins are at work, and it listens on the port that `argumentsFor` was given.
 *
 * @param options `port`: where fault chooses it by itself; default any that is free. `env`: variables besides ours
 */
export async function runFault(
  file: string,
  argumentsFor: (port: number) => readonly string[],
  options: { port?: number; env?: NodeJS.ProcessEnv } = {},
): Promise<Caller> {
  const port = options.port ?? (await freePort());
  const env = { ...process.env, ...options.env };
  const child = spawn(file, [...LOG, ...argumentsFor(port)], { stdio: 'pipe', env });
  let log = '';
  child.stdout.on('data', (text: Buffer) => (log += text.toString()));
  child.stderr.on('data', (text: Buffer) => (log += text.toString()));
  const ended = new Promise<void>((resolve) => child.on('close', () => resolve()));
  try {
    await started(child, async () => READY.test(log) && (await listens(port)));
  } catch (error) {
    child.kill('SIGKILL');
    throw new Error(`${(error as Error).message}\n${log}`);
  }
  return {
    port,
    close: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

async function started(child: ChildProcess, ready: () => Promise<boolean>): Promise<void> {
  const until = performance.now() + START_MS;
  while (performance.now() < until) {
    if (child.exitCode !== null || child.signalCode) throw new Error('fault ended at its start');
    if (await ready()) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`fault was not ready within ${START_MS} ms`);
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1');
    socket.on('connect', () => {
      resolve(true);
      socket.destroy();
    });
    socket.on('error', () => resolve(false));
  });
}
