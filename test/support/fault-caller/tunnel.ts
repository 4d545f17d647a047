/** The two copies of one tunnel: joined, as for CONNECT (tunnel.rs), or selected from, as for a TCP mapping (stream.rs). */
import { Copy } from './copy.ts';
import { PENDING, type PolledStream, Task } from './task.ts';

export type TunnelKind = 'connect' | 'tcp';

export interface Tunnel {
  /** Resolves when both streams were dropped, with the errors of the copies. */
  readonly closed: Promise<readonly Error[]>;
  drop(): void;
}

interface Half {
  copy: Copy;
  readonly reader: PolledStream;
  readonly writer: PolledStream;
  over: boolean;
}

export function runTunnel(kind: TunnelKind, client: PolledStream, upstream: PolledStream): Tunnel {
  const half = (reader: PolledStream, writer: PolledStream): Half => ({
    copy: new Copy(reader, writer),
    reader,
    writer,
    over: false,
  });
  const halves = [half(client, upstream), half(upstream, client)];
  const errors: Error[] = [];
  let dropped = false;
  let close = (_errors: readonly Error[]): void => {};
  const closed = new Promise<readonly Error[]>((resolve) => {
    close = resolve;
  });
  const drop = (): void => {
    if (dropped) return;
    dropped = true;
    task.drop();
    client.drop();
    upstream.drop();
    close(errors);
  };
  const task = new Task(() => {
    for (const one of halves) {
      if (one.over) continue;
      try {
        if (one.copy.poll(task.wake) === PENDING) continue;
        one.writer.shutdown();
      } catch (error) {
        errors.push(error as Error);
        // A join waits for the other copy, with this writer left open; a select returns.
        if (kind === 'tcp') return drop();
      }
      one.over = true;
      if (kind === 'tcp') {
        // Select drops the other future, and with it what stands in its buffer.
        for (const other of halves) if (!other.over) other.copy = new Copy(other.reader, other.writer);
        task.wake();
        break;
      }
    }
    if (halves.every((one) => one.over)) drop();
  });
  task.wake();
  return { closed, drop };
}
