/** A tunnel of the fake between two streams in memory, with a plugin that answers when the test says so. */
import { setImmediate as turn } from 'node:timers/promises';
import type { Side, TunnelBlock, TunnelReply } from '../../support/fault-caller/plugin-call.ts';
import { PluginStream } from '../../support/fault-caller/plugin-stream.ts';
import { PENDING, type PolledStream } from '../../support/fault-caller/task.ts';
import { runTunnel, type TunnelKind } from '../../support/fault-caller/tunnel.ts';

export class MemoryStream implements PolledStream {
  written = '';
  shut = false;
  dropped = false;
  /** Bytes that one write takes. */
  room = Number.POSITIVE_INFINITY;
  #coming = Buffer.alloc(0);
  #ended = false;
  #wake: (() => void) | undefined;

  arrive(bytes: string | Buffer): void {
    this.#coming = Buffer.concat([this.#coming, Buffer.from(bytes)]);
    this.#woken();
  }

  end(): void {
    this.#ended = true;
    this.#woken();
  }

  pollRead(limit: number, wake: () => void): Buffer | typeof PENDING {
    if (this.#coming.length === 0 && !this.#ended) {
      this.#wake = wake;
      return PENDING;
    }
    const taken = this.#coming.subarray(0, limit);
    this.#coming = this.#coming.subarray(taken.length);
    return taken;
  }

  pollWrite(bytes: Buffer): number {
    const taken = bytes.subarray(0, this.room);
    this.written += taken.toString('latin1');
    return taken.length;
  }

  shutdown(): void {
    this.shut = true;
  }

  drop(): void {
    this.dropped = true;
  }

  #woken(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }
}

interface Asked {
  readonly block: TunnelBlock;
  readonly text: string;
  readonly signal: AbortSignal;
  answer(reply: TunnelReply): Promise<void>;
  fail(): Promise<void>;
}

export interface MemoryTunnel {
  readonly client: MemoryStream;
  readonly upstream: MemoryStream;
  /** Every call so far. */
  readonly calls: readonly Asked[];
  readonly closed: Promise<readonly Error[]>;
  drop(): void;
}

export const replace = (text: string | Buffer): TunnelReply => ({
  kind: 'replace',
  chunk: Buffer.from(text),
});
export const passThrough = (text: string): TunnelReply => ({
  kind: 'pass-through',
  chunk: Buffer.from(text),
});

/** Lets the task run until nothing wakes it any more. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 12; i += 1) await turn();
}

export function memoryTunnel(side: Side, kind: TunnelKind = 'connect'): MemoryTunnel {
  const client = new MemoryStream();
  const upstream = new MemoryStream();
  const calls: Asked[] = [];
  const wrapped = new PluginStream(side === 'client' ? client : upstream, 'id', side, (block, signal) => {
    return new Promise((resolve, reject) => {
      const answer = (reply: TunnelReply): Promise<void> => {
        resolve(reply);
        return settle();
      };
      const fail = (): Promise<void> => {
        reject(new Error('status: Internal'));
        return settle();
      };
      calls.push({ block, signal, text: block.chunk.toString('latin1'), answer, fail });
    });
  });
  const tunnel = runTunnel(
    kind,
    side === 'client' ? wrapped : client,
    side === 'server' ? wrapped : upstream,
  );
  return { client, upstream, calls, ...tunnel };
}
