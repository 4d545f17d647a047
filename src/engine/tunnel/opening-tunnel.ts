/**
 * A tunnel whose upstream is being reached. Meanwhile it holds the client, so that a proxy that stops ends both, and
 * where the two are never joined it says so: to the client, if that can still be told, and in an event.
 */
import { formatAuthority } from '../../core/net/authority.ts';
import { Problem } from '../../core/problem.ts';
import { tellConnectionError } from '../connection/connection-error.ts';
import type { ConnectionContext } from '../connection/context.ts';
import type { Services, Tracked } from '../connection/services.ts';
import { proxyErrorResponse, proxyErrorStatus } from '../problems/proxy-errors.ts';
import { endTransport } from '../transport/endings.ts';
import type { Authority, Transport } from '../transport/transport.ts';
import { joinTunnel } from './join-tunnel.ts';

/**
 * Written as text: handles have a function for texts and one for bytes, and while only TLS ever wrote bytes, V8 calls
 * that one directly, which all later calls gain from.
 */
export const ESTABLISHED = 'HTTP/1.1 200 Connection established\r\n\r\n';

/** How long a client that was told of a failure may take to leave, in milliseconds, swept. */
const LINGER_MS = 5_000;

export class OpeningTunnel implements Tracked {
  readonly busy = true;
  /** Rejects with a Problem. Whoever waits for it need not hear of its end: `join` tells. */
  readonly upstream: Promise<Transport>;
  readonly #services: Services;
  readonly #context: ConnectionContext;
  readonly #to: Authority;
  readonly #dial = new AbortController();
  #client: Transport | undefined;
  /** The client's CONNECT was answered already. */
  #answered = true;
  #over = false;
  #overAt = 0;

  /** Begins to reach `to`. */
  constructor(services: Services, context: ConnectionContext, to: Authority) {
    this.#services = services;
    this.#context = context;
    this.#to = to;
    this.upstream = services.options.router.tunnel(to, this.#dial.signal);
    this.upstream.catch(ignore);
  }

  /** Nobody wants the upstream any more, whether reached or not. */
  abandon(): void {
    this.#over = true;
    this.#dial.abort();
    this.upstream.then(({ stream }) => stream.destroy(), ignore);
  }

  /**
   * Joins the client with the upstream, once that is open.
   *
   * @param client nobody else listens to it
   * @param first bytes of it that were read already
   * @param answered its CONNECT was answered already
   */
  join(client: Transport, first: Buffer | undefined, answered: boolean): void {
    this.#client = client;
    this.#answered = answered;
    client.stream.once('close', this.#onClientClose);
    this.#services.add(this);
    this.upstream
      .then(
        (upstream) => this.#open(client, upstream, first),
        (error: unknown) => {
          const problem = Problem.from(error);
          this.#fail(client, problem.code, problem.message, proxyErrorStatus(problem));
        },
      )
      .catch((error: unknown) => {
        client.stream.destroy();
        this.tell('unexpected', Problem.from(error).message);
      });
  }

  /** Tells that there will be no tunnel. */
  tell(code: string, message: string): void {
    tellConnectionError(this.#services, this.#context, this.#to.host, code, message);
  }

  /** The client has left before it was known what it wants. */
  clientLeft(): void {
    this.abandon();
    const where = formatAuthority(this.#to);
    if (this.#services.draining)
      this.tell('shutdown', `the tunnel to ${where} ended, since this proxy is being stopped`);
    else this.tell('client-left', `the client left the tunnel to ${where} without a word`);
  }

  drain(): void {
    const client = this.#client;
    if (!client) return;
    this.#dial.abort();
    this.#fail(
      client,
      'shutdown',
      `the tunnel to ${formatAuthority(this.#to)} was given up, since this proxy is being stopped`,
      503,
    );
    endTransport(client, 'close', this.#services.options.clock);
  }

  destroy(): void {
    this.#client?.stream.destroy();
  }

  sweep(now: number): void {
    if (this.#over && now - this.#overAt >= LINGER_MS) this.destroy();
  }

  #open(client: Transport, upstream: Transport, first: Buffer | undefined): void {
    if (this.#over || upstream.stream.destroyed) {
      upstream.stream.destroy();
      this.#fail(client, 'upstream-reset', `${formatAuthority(this.#to)} reset the connection`, 502);
      return;
    }
    this.#over = true;
    client.stream.off('close', this.#onClientClose);
    this.#services.remove(this);
    if (!this.#answered) client.stream.write(ESTABLISHED, 'latin1');
    joinTunnel(this.#services, this.#context, client, upstream, this.#to, first);
  }

  #fail({ stream }: Transport, code: string, message: string, status: number): void {
    if (this.#over) return;
    const { clock } = this.#services.options;
    this.#over = true;
    this.#overAt = clock.now();
    this.tell(code, message);
    if (this.#answered || stream.destroyed) {
      stream.destroy();
      return;
    }
    stream.end(proxyErrorResponse(status, code, message, clock.wall(), true));
    stream.resume();
  }

  readonly #onClientClose = (): void => {
    this.#services.remove(this);
    if (this.#over) return;
    this.#over = true;
    this.#dial.abort();
    this.tell(
      'client-left',
      `the client left while the tunnel to ${formatAuthority(this.#to)} was being opened`,
    );
  };
}

function ignore(): void {}
