/** Connections on loopback with both ends at hand, and what the ends may do to each other. */
import { once } from 'node:events';
import net from 'node:net';
import { createSecureContext, TLSSocket, connect as tlsConnect } from 'node:tls';
import fc from 'fast-check';
import { onTestFinished } from 'vitest';
import { testCertificate } from './certificates.ts';

export interface SocketPair {
  readonly near: net.Socket;
  /** The end that was accepted; paused. */
  readonly far: net.Socket;
}

/** Destroyed when the test is over. */
export async function plainPair(): Promise<SocketPair> {
  const server = net.createServer({ pauseOnConnect: true });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const near = net.connect((server.address() as net.AddressInfo).port, '127.0.0.1');
  const [far] = (await once(server, 'connection')) as [net.Socket];
  server.close();
  onTestFinished(() => {
    near.destroy();
    far.destroy();
  });
  return { near, far };
}

/** TLS over a plain pair, after the handshake. Ends with it. */
export async function tlsPair({ near: below, far: accepted }: SocketPair): Promise<SocketPair> {
  const secureContext = createSecureContext(testCertificate('localhost'));
  const far = new TLSSocket(accepted, { isServer: true, secureContext });
  const near = tlsConnect({ socket: below, rejectUnauthorized: false });
  await Promise.all([once(near, 'secureConnect'), once(far, 'secure')]);
  far.pause();
  return { near, far };
}

/** What one end sends, and behind which of its chunks the other end pauses. */
export interface Transfer {
  readonly sent: readonly Buffer[];
  /** To be called for each chunk that `far` read: it pauses, if it is to, until the next turn of the loop. */
  came(far: net.Socket): void;
}

/** Up to 12 writes of up to 200,000 bytes. */
export const transfers: fc.Arbitrary<() => Transfer> = fc
  .array(fc.record({ bytes: fc.integer({ min: 1, max: 200_000 }), pause: fc.boolean() }), {
    minLength: 1,
    maxLength: 12,
  })
  .map((steps) => () => {
    let chunks = 0;
    return {
      sent: steps.map(({ bytes }, i) => Buffer.alloc(bytes, `${i}.`)),
      came(far: net.Socket): void {
        if (!steps[chunks++ % steps.length]?.pause) return;
        far.pause();
        setImmediate(() => far.resume());
      },
    };
  });
