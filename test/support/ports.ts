/** A port of one's own: for tests that need to know it before anybody listens, or that nobody does. */
import { randomInt } from 'node:crypto';
import net from 'node:net';

/** Below what systems deal out for port 0 and for outgoing connections: Linux from 32768, others from 49152. */
const DEALT_OUT_FROM = 32_768;
const UNPRIVILEGED_FROM = 10_000;

/**
 * A port that refuses connections, and that no other test is dealt in the meantime: one that was just closed may be
 * another's listener a moment later.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(UNPRIVILEGED_FROM, DEALT_OUT_FROM);
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  const server = net.createServer();
  return new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
