/** Acceptance tests 13, where they can be had without the real API: `fault run llm claude` before an API over TLS. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { MESSAGE, patternOf, sha256 } from '../../support/fault-acceptance/api.ts';
import { acceptanceBench, errorBody } from '../../support/fault-acceptance/bench.ts';
import { runCurl } from '../../support/fault-acceptance/curl.ts';
import { atEnd } from '../../support/proxy.ts';
import { findFault } from './find-fault.ts';
import { runFault } from './real-fault.ts';

const fault = findFault();
const found = typeof fault !== 'string';
const file = found ? fault.file : '';
/** Where fault listens for `llm claude`, and nowhere else. */
const PORT = 45580;

/** Nobody listens there, on whatever address. */
function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = net.createServer();
    server.on('error', () => resolve(false));
    server.listen(port, '0.0.0.0', () => server.close(() => resolve(true)));
  });
}

describe.skipIf(!found)(found ? fault.version : `a real fault: skipped. ${fault}`, () => {
  const llm = async () => {
    const notYet = async () => ({ port: PORT, close: async () => {} });
    const bench = await acceptanceBench(notYet, { plugin: { targets: ['localhost'] } });
    const folder = mkdtempSync(join(tmpdir(), 'aep-llm-'));
    atEnd(() => rmSync(folder, { recursive: true, force: true }));
    const ca = join(folder, 'api-ca.pem');
    writeFileSync(ca, bench.api.ca);
    // One of those that the system deals out: whoever has it for the moment is waited for.
    await expect.poll(() => isFree(PORT), { timeout: 30_000, message: `port ${PORT} is taken` }).toBe(true);
    const running = await runFault(
      file,
      () => [
        ...['--log-stdout', '--api-address', '127.0.0.1:0'],
        ...['run', '--no-ui', '--grpc-plugin', bench.plugin.url],
        ...['llm', '--endpoint', `https://localhost:${bench.api.port}`, 'claude'],
      ],
      { port: PORT, env: { SSL_CERT_FILE: ca } },
    );
    atEnd(() => running.close());
    const ask = async (path: string, want: number, body: Buffer | string = '{}', ...more: string[]) => {
      const send = ['-H', 'Expect:', '-H', `x-want: ${want}`, '--data-binary', '@-', ...more];
      const { stdout, stderr } = await runCurl(
        [...send, `http://127.0.0.1:${PORT}${path}`],
        Buffer.from(body),
      );
      return stderr === '' ? stdout.toString() : stderr;
    };
    return { bench, ask };
  };

  describe('13 fault run llm claude', () => {
    it('429, 500 and 529 are read whole, and cost the API nothing; what passes is its own', async () => {
      const { bench, ask } = await llm();
      for (const status of [429, 500, 529])
        expect(await ask('/message?beta=true', status, '{}', '-w', ' %{http_code}')).toBe(
          `${errorBody(status)} ${status}`,
        );
      expect(bench.api.requests).toEqual([]);
      expect(await ask('/message', 200)).toBe(MESSAGE);
      expect(await ask('/gzip', 200, '{}', '--compressed')).toBe(MESSAGE);
      const hash = JSON.stringify({ length: 2, sha256: sha256('{}') });
      // Without a length, and with a query that fault would double.
      expect(await ask('/hash/?beta=true', 200)).toBe(hash);
      expect(bench.api.requests).toEqual(['POST /message', 'POST /gzip', 'POST /hash/?beta=true']);
      expect(bench.notices).toEqual([]);
    });

    it('events stream in order', async () => {
      const { ask } = await llm();
      const frames = (await ask('/events/50', 200)).trimEnd().split('\n\n');
      expect(frames.map((frame) => (JSON.parse(frame.split('data: ')[1]!) as { i: number }).i)).toEqual(
        Array.from({ length: 50 }, (_, i) => i),
      );
    });

    it('5 MiB go up whole, or are refused', async () => {
      const { bench, ask } = await llm();
      const body = patternOf(5 * 2 ** 20);
      expect(await ask('/hash', 200, body)).toBe(
        JSON.stringify({ length: body.length, sha256: sha256(body) }),
      );
      expect(await ask('/hash?beta=true', 529, body)).toBe(errorBody(529));
      expect(bench.api.requests).toEqual(['POST /hash']);
    });
  });
});
