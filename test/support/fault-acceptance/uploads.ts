/** Acceptance tests 6: bodies of every size on their way up, around the 8192 bytes that decide, passed and refused. */
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { patternOf, sha256 } from './api.ts';
import { acceptanceBench, errorBody, type StartCaller } from './bench.ts';
import { curl, url } from './curl.ts';
import { nodeCall, tunnelAgent } from './node-client.ts';

const FRAMES = [
  ['as one', ['-H', 'Expect:']],
  // The `100` comes late or never: curl sends the body unasked then.
  ['with Expect: 100-continue', ['-H', 'Expect: 100-continue', '--expect100-timeout', '0.15']],
  ['chunked', ['-H', 'Expect:', '-H', 'Transfer-Encoding: chunked']],
] as const;

/** @param largest bytes of the largest body */
export function describeUploads(start: StartCaller, largest = 3_000_000): void {
  const sizes = [1_000, 8_191, 8_192, 8_193, 16_384, 300_000, largest];

  describe.each(FRAMES)('6 uploads, curl, %s', (_name, frame) => {
    it.each(sizes)(
      '%i bytes',
      async (size) => {
        const bench = await acceptanceBench(start);
        const input = patternOf(size);
        const send = ['-H', 'content-type: text/plain', ...frame, '--data-binary', '@-'];
        const passed = await curl(bench, [...send, url('/hash')], { input });
        expect(passed.stdout.toString(), passed.stderr).toBe(
          JSON.stringify({ length: size, sha256: sha256(input) }),
        );
        const refused = await curl(bench, [...send, '-H', 'x-want: 529', url('/hash')], { input });
        expect(refused.stdout.toString(), refused.stderr).toBe(errorBody(529));
        expect(bench.api.requests).toEqual(['POST /hash']);
      },
      60_000,
    );
  });

  describe('6 uploads, Node', () => {
    it.each(sizes)(
      '%i bytes, passed and refused on one connection',
      async (size) => {
        const bench = await acceptanceBench(start);
        const agent = tunnelAgent(bench);
        const body = patternOf(size);
        for (const want of [200, 529, 200]) {
          const answer = await nodeCall(agent, { path: '/hash', headers: { 'x-want': want }, body });
          const expected =
            want === 200 ? JSON.stringify({ length: size, sha256: sha256(body) }) : errorBody(529);
          expect(answer.body.toString()).toBe(expected);
        }
        expect(bench.api.requests).toHaveLength(2);
      },
      60_000,
    );

    it.each([
      ['byte by byte', 1, 0, 300],
      ['in pieces of 30 ms', 50, 30, 1_000],
    ])('%s', async (_name, step, ms, size) => {
      const bench = await acceptanceBench(start);
      const body = patternOf(size);
      const answer = await nodeCall(tunnelAgent(bench), {
        path: '/hash',
        headers: { 'content-length': size },
        onRequest: (request) => {
          request.flushHeaders();
          void (async () => {
            for (let at = 0; at < size; at += step) {
              request.write(body.subarray(at, at + step));
              await pause(ms);
            }
            request.end();
          })();
        },
      });
      expect(answer.body.toString()).toBe(JSON.stringify({ length: size, sha256: sha256(body) }));
    });
  });
}
