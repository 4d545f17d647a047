import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

/** An upstream whose answers wait for `answer()`; it goes with the test. */
export async function slowUpstream() {
  const calls: ServerResponse[] = [];
  const server = createServer((_request, response) => void calls.push(response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** Resolves when so many calls have come. */
    called: async (times: number) => {
      while (calls.length < times) await once(server, 'request');
    },
    answer: () => calls.map((response) => response.end('late but whole')),
  };
}
