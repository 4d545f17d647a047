import { createHash } from 'node:crypto';
import type { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { setUp } from '../support/exchange-setup.ts';
import { MODES } from '../support/modes.ts';
import type { UpstreamSocket } from '../support/raw-upstream.ts';

const MEGABYTE = 1024 * 1024;
const SIZE = 64 * MEGABYTE;
const block = Buffer.alloc(MEGABYTE, 'abcdefghijklmnopqrstuvwxyz012345');

/** Writes `SIZE` bytes as fast as the socket takes them. */
function pour(socket: Socket): void {
  let left = SIZE;
  const more = (): void => {
    while (left > 0) {
      left -= block.length;
      if (!socket.write(block)) {
        socket.once('drain', more);
        return;
      }
    }
  };
  more();
}

/** Reads a socket, without keeping what it reads. */
function drink(socket: Socket, until: number): Promise<string> {
  const hash = createHash('sha256');
  let seen = 0;
  return new Promise((resolve) => {
    socket.on('data', (chunk: Buffer) => {
      hash.update(chunk);
      seen += chunk.length;
      if (seen >= until) resolve(hash.digest('hex'));
    });
    socket.resume();
  });
}

function expected(head: string): string {
  const hash = createHash('sha256').update(head);
  for (let i = 0; i < 64; i += 1) hash.update(block);
  return hash.digest('hex');
}

describe.each(MODES)('64 MB, %s', (mode) => {
  it('comes down whole while memory stays flat, and a slow reader pauses the upstream', {
    timeout: 90_000,
  }, async () => {
    const head = `HTTP/1.1 200 OK\r\nContent-Length: ${SIZE}\r\n\r\n`;
    let upstreamPeer: UpstreamSocket | undefined;
    const { client, send } = await setUp(mode, (peer) => {
      upstreamPeer = peer;
      peer.socket.once('data', () => {
        peer.socket.write(head);
        pour(peer.socket);
      });
    });
    client.socket.removeAllListeners('data');
    client.socket.pause();
    send('GET /big');
    // Nothing is read: the upstream must come to a halt with most of the body unsent.
    let last = -1;
    await expect
      .poll(
        () => {
          const before = last;
          last = upstreamPeer?.socket.bytesWritten ?? 0;
          return before > 0 && before === last;
        },
        { interval: 150, timeout: 10_000 },
      )
      .toBe(true);
    expect(upstreamPeer?.socket.writableLength).toBeGreaterThan(0);
    const held = (): number => {
      // V8 frees array buffers in the background: the second collection waits for the first one's sweep.
      globalThis.gc?.();
      globalThis.gc?.();
      return process.memoryUsage().arrayBuffers;
    };
    const before = held();
    let peak = 0;
    const watcher = setInterval(() => {
      peak = Math.max(peak, held());
    }, 100);
    const sum = await drink(client.socket, head.length + SIZE);
    clearInterval(watcher);
    expect(sum).toBe(expected(head));
    expect(globalThis.gc, 'run with --expose-gc').toBeDefined();
    expect(peak - before).toBeLessThan(48 * MEGABYTE);
  });

  it('goes up whole', { timeout: 90_000 }, async () => {
    const { client, peer } = await setUp(mode, (one) => {
      one.socket.removeAllListeners('data');
      const hash = createHash('sha256');
      let seen = 0;
      let headEnd = -1;
      one.socket.on('data', (chunk: Buffer) => {
        if (headEnd < 0) {
          headEnd = chunk.indexOf('\r\n\r\n') + 4;
          chunk = chunk.subarray(headEnd);
        }
        hash.update(chunk);
        seen += chunk.length;
        if (seen === SIZE) {
          const digest = hash.digest('hex');
          one.socket.write(`HTTP/1.1 200 OK\r\nContent-Length: 64\r\n\r\n${digest}`);
        }
      });
    });
    client.socket.write(
      `POST ${client.targetPrefix}/up HTTP/1.1\r\nHost: ${client.host}\r\nContent-Length: ${SIZE}\r\n\r\n`,
    );
    pour(client.socket);
    await peer.until(expected(''));
  });
});
