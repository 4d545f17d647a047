/** Opens connections to upstreams: TCP, TLS that is verified, and either of them through an upstream proxy. */
import net from 'node:net';
import tls from 'node:tls';
import { formatAuthority } from '../../core/net/authority.ts';
import { Problem, type ProblemCode } from '../../core/problem.ts';
import { type Authority, socketTransport, TLS_BUFFER_BYTES, type Transport } from '../transport/transport.ts';
import { tlsProblem, tlsWords } from './tls-failure.ts';
import { upstreamTrust } from './upstream-trust.ts';

export interface DialOptions {
  /** Certificate authorities to trust besides the runtime's, PEM. */
  readonly upstreamCa?: string;
  /** Looks at each address before it is dialled; a reason refuses it. Guards against dialling ourselves. */
  readonly refuse?: (address: string, port: number) => string | undefined;
}

/** How long a TCP or TLS handshake with an upstream may take, in milliseconds. A call under way is never timed. */
export const CONNECT_TIMEOUT_MS = 30_000;

/** Dials upstreams. One per engine: it keeps TLS sessions, so that a second handshake is short. */
export class Dialer {
  readonly #options: DialOptions;
  readonly #sessions = new Map<string, Buffer>();
  #context: tls.SecureContext | undefined;

  constructor(options: DialOptions = {}) {
    this.#options = options;
  }

  /** A plain TCP connection. */
  tcp(to: Authority, signal: AbortSignal): Promise<Transport> {
    return this.#settle(to, signal, () => {
      const socket = net.connect({
        ...this.#place(to),
        allowHalfOpen: true,
        noDelay: true,
        keepAlive: true,
        keepAliveInitialDelay: 60_000,
      });
      return { socket, event: 'connect', transport: socketTransport(socket) };
    });
  }

  /** A verified TLS connection, over TCP or over `through` (a tunnel of an upstream proxy). */
  tls(to: Authority, signal: AbortSignal, through?: Transport): Promise<Transport> {
    const key = formatAuthority(to);
    return this.#settle(to, signal, () => {
      const session = this.#sessions.get(key);
      const common: tls.ConnectionOptions & { allowHalfOpen: boolean; highWaterMark: number } = {
        allowHalfOpen: true,
        highWaterMark: TLS_BUFFER_BYTES,
        ALPNProtocols: ['http/1.1'],
        secureContext: this.#secureContext(),
        ...(net.isIP(to.host) ? {} : { servername: to.host }),
        ...(session ? { session } : {}),
      };
      const socket = through
        ? tls.connect({ ...common, socket: through.stream, host: to.host })
        : tls.connect({ ...common, ...this.#place(to) });
      if (!through) socket.setNoDelay(true).setKeepAlive(true, 60_000);
      socket.on('session', (fresh) => this.#remember(key, fresh));
      const base = through ?? socketTransport(socket);
      return {
        socket,
        event: 'secureConnect',
        transport: { stream: socket, peer: to.host, reset: () => resetTls(socket, base) },
      };
    });
  }

  /** Asks an upstream proxy for a tunnel. `proxy` is an `http:` or `https:` URL, with user and password if it wants them. */
  async through(proxy: URL, to: Authority, signal: AbortSignal): Promise<Transport> {
    const place = proxyAuthority(proxy);
    const dialled = proxy.protocol === 'https:' ? this.tls(place, signal) : this.tcp(place, signal);
    const transport = await dialled.catch((error: unknown) => {
      throw proxyProblem(Problem.from(error));
    });
    try {
      await askForTunnel(transport, proxy, to, signal);
    } catch (error) {
      transport.stream.destroy();
      throw error;
    }
    return transport;
  }

  #place(to: Authority): { host: string; port: number; autoSelectFamily: boolean } {
    return { host: to.host, port: to.port, autoSelectFamily: true };
  }

  #secureContext(): tls.SecureContext {
    this.#context ??= upstreamTrust(this.#options.upstreamCa);
    return this.#context;
  }

  #remember(key: string, session: Buffer): void {
    if (!this.#sessions.has(key) && this.#sessions.size >= 100) {
      const oldest = this.#sessions.keys().next().value;
      if (oldest !== undefined) this.#sessions.delete(oldest);
    }
    this.#sessions.set(key, session);
  }

  #settle(
    to: Authority,
    signal: AbortSignal,
    start: () => { socket: net.Socket; event: string; transport: Transport },
  ): Promise<Transport> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) {
        reject(givenUp(to));
        return;
      }
      const { socket, event, transport } = start();
      const timer = setTimeout(() => {
        fail(
          new Problem(
            'upstream-timeout',
            `${formatAuthority(to)} did not answer within ${CONNECT_TIMEOUT_MS / 1000} s`,
          ),
        );
      }, CONNECT_TIMEOUT_MS);
      const settled = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', onAbort);
        socket.off('error', onError);
        socket.off('close', onClose);
        socket.off(event, onReady);
      };
      const fail = (problem: Problem): void => {
        settled();
        socket.on('error', () => {});
        socket.destroy();
        reject(problem);
      };
      const onAbort = (): void => fail(givenUp(to));
      const onError = (error: Error): void => fail(dialProblem(to, error));
      const onClose = (): void =>
        fail(
          new Problem(
            'upstream-refused',
            `${formatAuthority(to)} closed the connection while it was being opened`,
          ),
        );
      const onReady = (): void => {
        const refused = this.#options.refuse?.(socket.remoteAddress ?? '', to.port);
        if (refused) {
          fail(new Problem('loop', refused));
          return;
        }
        settled();
        resolve(transport);
      };
      signal.addEventListener('abort', onAbort, { once: true });
      socket.on('error', onError);
      socket.on('close', onClose);
      socket.on(event, onReady);
    });
  }
}

function resetTls(socket: tls.TLSSocket, base: Transport): void {
  if (base.stream === socket) socket.destroy();
  else base.reset();
}

/** Names what went wrong while dialling, with the host and the system's own word for it. */
export function dialProblem(
  to: Authority,
  error: Error & { code?: string; syscall?: string; errors?: unknown },
): Problem {
  const first = Array.isArray(error.errors) ? (error.errors[0] as Error & { code?: string }) : error;
  const code = error.code ?? first.code ?? '';
  const where = formatAuthority(to);
  const make = (problem: ProblemCode, text: string): Problem => new Problem(problem, text, { cause: error });
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return make('upstream-dns', `the name ${to.host} could not be resolved (${code})`);
  if (code === 'ECONNREFUSED') return make('upstream-refused', `${where} refused the connection`);
  if (code === 'EMFILE' || code === 'ENFILE')
    return make(
      'io',
      `${where} was not called, since this process may not open more files (${code}): raise its limit (ulimit -n)`,
    );
  if (code === 'ETIMEDOUT') return make('upstream-timeout', `${where} did not answer (${code})`);
  if (code === 'EHOSTUNREACH' || code === 'ENETUNREACH' || code === 'EADDRNOTAVAIL')
    return make('upstream-unreachable', `${where} cannot be reached from here (${code})`);
  if (code === 'ECONNRESET') {
    // Node gives this code to an end amid the TLS handshake, too.
    const what = error.syscall === undefined ? 'closed' : 'reset';
    return make('upstream-reset', `${where} ${what} the connection while it was being opened`);
  }
  return tlsProblem(where, error) ?? make('upstream-tls', `TLS with ${where} failed: ${tlsWords(first)}`);
}

function proxyAuthority(proxy: URL): Authority {
  return {
    host: proxy.hostname.replace(/^\[|\]$/g, ''),
    port: Number(proxy.port) || (proxy.protocol === 'https:' ? 443 : 80),
  };
}

/** All heads of an upstream proxy's answer to CONNECT together. */
const MOST_HEAD_BYTES = 65_536;

/** Sends CONNECT and waits for its answer. Bytes behind the answer stay in the stream. */
function askForTunnel(transport: Transport, proxy: URL, to: Authority, signal: AbortSignal): Promise<void> {
  const where = formatAuthority(to);
  const { stream } = transport;
  const user = decodeURIComponent(proxy.username);
  const login = user
    ? `Proxy-Authorization: Basic ${Buffer.from(`${user}:${decodeURIComponent(proxy.password)}`).toString('base64')}\r\n`
    : '';
  stream.write(`CONNECT ${where} HTTP/1.1\r\nHost: ${where}\r\n${login}\r\n`);
  return new Promise((resolve, reject) => {
    let seen: Buffer = Buffer.alloc(0);
    /** Bytes of interim answers. */
    let skipped = 0;
    const settle = (problem?: Problem): void => {
      stream.off('data', onData);
      stream.off('error', onGone);
      stream.off('end', onGone);
      stream.off('close', onGone);
      signal.removeEventListener('abort', onAbort);
      clearTimeout(timer);
      stream.pause();
      if (problem) reject(problem);
      else resolve();
    };
    const fail = (text: string): void =>
      settle(new Problem('upstream-proxy', `the upstream proxy ${proxy.host} ${text} (for ${where})`));
    const onGone = (): void => fail('closed the connection');
    const onAbort = (): void => settle(givenUp(to));
    const onData = (chunk: Buffer): void => {
      seen = Buffer.concat([seen, chunk]);
      for (;;) {
        const end = seen.indexOf('\r\n\r\n');
        if (end < 0 || skipped > MOST_HEAD_BYTES) {
          if (skipped + seen.length > MOST_HEAD_BYTES)
            fail('answered CONNECT with something that is not HTTP');
          return;
        }
        const status = /^HTTP\/1\.[01] (\d{3})/.exec(seen.toString('latin1', 0, end))?.[1];
        const rest = seen.subarray(end + 4);
        if (status?.startsWith('1') && status !== '101') {
          // An interim answer: the final one follows it. (None follows 101, which was not asked for.)
          skipped += end + 4;
          seen = rest;
          continue;
        }
        if (status === undefined) fail('answered CONNECT with something that is not HTTP');
        else if (!status.startsWith('2')) fail(`refused the tunnel with status ${status}`);
        else {
          settle();
          if (rest.length > 0) stream.unshift(rest);
        }
        return;
      }
    };
    const timer = setTimeout(() => fail('did not answer'), CONNECT_TIMEOUT_MS);
    stream.on('data', onData);
    stream.on('error', onGone);
    stream.on('end', onGone);
    stream.on('close', onGone);
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
  });
}

/** The upstream proxy itself could not be reached: not the API, whose name would mislead. */
function proxyProblem(problem: Problem): Problem {
  const { code, message } = problem;
  if (code === 'loop') return problem;
  const named = code === 'upstream-timeout' ? code : 'upstream-proxy';
  return new Problem(named, `the upstream proxy cannot be reached: ${message}`, { cause: problem });
}

function givenUp(to: Authority): Problem {
  return new Problem('upstream-unreachable', `the call to ${formatAuthority(to)} was given up`);
}
