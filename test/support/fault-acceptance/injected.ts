/** Acceptance tests 3 and 4: injected answers, byte for byte, alone and between others on one connection. */
import { describe, expect, it } from 'vitest';
import { MESSAGE } from './api.ts';
import { acceptanceBench, errorBody, type StartCaller } from './bench.ts';
import { curl, url, VERSIONS } from './curl.ts';
import { nodeCall, tunnelAgent } from './node-client.ts';

const STATUSES = [429, 500, 529];

export function describeInjected(start: StartCaller): void {
  describe.each(VERSIONS)('3 injected errors, %s', (name, version) => {
    it.each(STATUSES)('curl reads %i whole', async (status) => {
      const bench = await acceptanceBench(start);
      const args = [...version, '-D', '-', '-H', `x-want: ${status}`, url('/message')];
      const { code, stdout, stderr } = await curl(bench, args);
      expect(code, stderr).toBe(0);
      const text = stdout.toString();
      // The first head is the answer to CONNECT.
      const [head = '', body] = text.slice(text.indexOf('\r\n\r\n') + 4).split('\r\n\r\n');
      expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
      expect(head).toMatch(/^request-id: req_011CTEST\r?$/im);
      if (status === 429) expect(head).toMatch(/^retry-after: 1\r?$/im);
      expect(body).toBe(errorBody(status));
      expect(bench.api.requests).toEqual([]);
    });

    it.each(STATUSES)('Node reads %i whole', async (status) => {
      const bench = await acceptanceBench(start);
      const tls = name === 'TLS 1.2' ? 'TLSv1.2' : 'TLSv1.3';
      const agent = tunnelAgent(bench, { minVersion: tls, maxVersion: tls });
      const answer = await nodeCall(agent, { path: '/message', headers: { 'x-want': status } });
      expect([answer.status, answer.body.toString()]).toEqual([status, errorBody(status)]);
      expect(answer.headers['request-id']).toBe('req_011CTEST');
      expect(bench.api.requests).toEqual([]);
    });
  });

  describe('4 keep-alive', () => {
    const sequence = [429, 200, 529, 200];

    it('curl: 429, 200, 529, 200 on one connection', async () => {
      const bench = await acceptanceBench(start);
      const args = sequence.flatMap((status, nth) => [
        ...(nth === 0
          ? []
          : ['--next', '-sS', '-x', `http://127.0.0.1:${bench.caller.port}`, '--cacert', bench.caFile]),
        ...['-H', `x-want: ${status}`, '-w', ' %{http_code} %{num_connects}\n', url('/message')],
      ]);
      const { code, stdout, stderr } = await curl(bench, args);
      expect(code, stderr).toBe(0);
      expect(stdout.toString()).toBe(
        sequence
          .map(
            (status, nth) =>
              `${status === 200 ? MESSAGE : errorBody(status)} ${status} ${nth === 0 ? 1 : 0}\n`,
          )
          .join(''),
      );
    });

    it('Node: the same, ten times over, on one connection', async () => {
      const bench = await acceptanceBench(start);
      const agent = tunnelAgent(bench);
      agent.maxSockets = 1;
      for (let round = 0; round < 10; round += 1)
        for (const status of sequence) {
          const answer = await nodeCall(agent, { path: '/message', headers: { 'x-want': status } });
          expect([answer.status, answer.body.toString()]).toEqual([
            status,
            status === 200 ? MESSAGE : errorBody(status),
          ]);
        }
      expect(bench.api.requests).toHaveLength(20);
      expect(bench.plugin.tunnels).toBe(1);
    });
  });
}
