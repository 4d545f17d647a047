/**
 * A tunnel whose bytes are none of our business: counted, to be told of once it is over. The fault proxy sends on what came behind
 * a block that it asked about, so the count of what the client sent is the least that it was.
 */
import type { TunnelEnded } from '../../core/events.ts';

export class BlindTunnel {
  readonly #connection: number;
  readonly #host: string | undefined;
  readonly #openedAt: number;
  #up = 0;
  #down = 0;

  /**
   * @param connection its number in events
   * @param host as its client named it in TLS, if it did
   * @param openedAt when its first block came, monotonic milliseconds
   */
  constructor(connection: number, host: string | undefined, openedAt: number) {
    this.#connection = connection;
    this.#host = host;
    this.#openedAt = openedAt;
  }

  sent(bytes: number): void {
    this.#up += bytes;
  }

  heard(bytes: number): void {
    this.#down += bytes;
  }

  /**
   * @param at wall clock
   * @param activeAt when its last block came: the caller tells of no end
   */
  ended(at: number, activeAt: number): TunnelEnded {
    return {
      v: 1,
      type: 'tunnel.ended',
      at,
      connection: this.#connection,
      ...(this.#host === undefined ? {} : { host: this.#host }),
      bytesUp: this.#up,
      bytesDown: this.#down,
      ms: activeAt - this.#openedAt,
    };
  }
}
