/**
 * The other ways of docs/fault.md, on a real fault: mappings, plain HTTP, a plugin that comes late or comes back, fault's
 * own faults beside ours, and our proxy behind fault and in front of it.
 */
import { describe, expect, it } from 'vitest';
import type { ProxyOptions } from '../../../src/app/proxy.ts';
import { type RunningPlugin, startPlugin } from '../../../src/grpc/plugin.ts';
import { MESSAGE, patternOf, sha256, startAcceptanceApi } from '../../support/fault-acceptance/api.ts';
import { acceptanceBench, errorBody, wishes } from '../../support/fault-acceptance/bench.ts';
import { type CurlResult, curl, runCurl, url } from '../../support/fault-acceptance/curl.ts';
import { testAuthority } from '../../support/modes.ts';
import { freePort } from '../../support/ports.ts';
import { atEnd, testProxy } from '../../support/proxy.ts';
import { findFault } from './find-fault.ts';
import { ANSWER, EVENTS, startPlainApi } from './plain-api.ts';
import { startMapping, startReal } from './real-fault.ts';

const fault = findFault();
const found = typeof fault !== 'string';
const file = found ? fault.file : '';
/** Fault looks for its plugins every ten seconds. */
const LOOKS_MS = 13_000;
const MiB = 1024 * 1024;
const SEQUENCE = [429, 200, 529, 200];

const want = (status: number): string[] => ['-H', `x-want: ${status}`];
const CODE = ['-w', ' %{http_code} %{num_connects} %{time_total}\n'];

describe.skipIf(!found)(found ? fault.version : `a real fault: skipped. ${fault}`, () => {
  describe('a TCP mapping', () => {
    const mapped = async () => {
      const bench = await acceptanceBench((pluginUrl, apiPort) =>
        startMapping(file, { to: `127.0.0.1:${apiPort}`, pluginUrl }),
      );
      const way = [
        ...['--connect-to', `api.anthropic.com:443:127.0.0.1:${bench.caller.port}`],
        ...['--cacert', bench.caFile],
      ];
      return { bench, way };
    };

    it('429, 200, 529, 200 on one connection', async () => {
      const { bench, way } = await mapped();
      const args = SEQUENCE.flatMap((status, nth) => [
        ...(nth === 0 ? [] : ['--next', '-sS']),
        ...[...way, ...want(status), '-w', ' %{http_code} %{num_connects}\n', url('/message')],
      ]);
      const { code, stdout, stderr } = await runCurl(args);
      expect(code, stderr).toBe(0);
      expect(stdout.toString()).toBe(
        SEQUENCE.map(
          (status, nth) => `${status === 200 ? MESSAGE : errorBody(status)} ${status} ${nth === 0 ? 1 : 0}\n`,
        ).join(''),
      );
      expect(bench.api.requests).toHaveLength(2);
    });

    it.each([1_000, 8_192, 300_000, 3_000_000])('%i bytes up, passed and refused', async (size) => {
      const { bench, way } = await mapped();
      const input = patternOf(size);
      const send = [...way, '-H', 'Expect:', '--data-binary', '@-'];
      const passed = await runCurl([...send, url('/hash')], input);
      expect(passed.stdout.toString(), passed.stderr).toContain(sha256(input));
      const refused = await runCurl([...send, ...want(529), url('/hash')], input);
      expect(refused.stdout.toString(), refused.stderr).toBe(errorBody(529));
      expect(bench.api.requests).toEqual(['POST /hash']);
    });

    it('20 MiB down', async () => {
      const { way } = await mapped();
      const { stdout, stderr } = await runCurl([...way, url(`/bytes/${20 * MiB}`)]);
      expect(sha256(stdout), stderr).toBe(sha256(patternOf(20 * MiB)));
    });
  });

  describe('a plugin that comes and goes', () => {
    it('is late, ends, and comes back: calls pass untouched without it', async () => {
      const api = await startAcceptanceApi();
      atEnd(() => api.close());
      const port = await freePort();
      const caller = await startReal(file)(`http://127.0.0.1:${port}`, api.port);
      atEnd(() => caller.close());
      // Whoever issued the certificate: this test tells the two apart by what a call gets.
      const status = async () => {
        const way = ['--noproxy', '', '-x', `http://127.0.0.1:${caller.port}`, '-k', '--max-time', '5'];
        const { stdout } = await runCurl([...way, ...want(529), '-w', ' %{http_code}', url('/message')]);
        return stdout.toString();
      };
      const start = async (): Promise<RunningPlugin> => {
        const plugin = await startPlugin({
          host: '127.0.0.1',
          port,
          targets: ['api.anthropic.com'],
          rules: wishes(),
          ca: await testAuthority(),
          upstreamCa: api.ca,
          version: '0.0.0-test',
        });
        atEnd(() => plugin.close(0));
        return plugin;
      };
      const poll = { timeout: LOOKS_MS, interval: 250 };
      expect(await status()).toBe(`${MESSAGE} 200`);
      const first = await start();
      await expect.poll(status, poll).toBe(`${errorBody(529)} 529`);
      await first.close(0);
      await expect.poll(status, poll).toBe(`${MESSAGE} 200`);
      await start();
      await expect.poll(status, poll).toBe(`${errorBody(529)} 529`);
    });
  });

  describe('a --grpc-plugin that is not right', () => {
    const given = (value: (url: string) => string) =>
      acceptanceBench((pluginUrl, apiPort) => startReal(file)(value(pluginUrl), apiPort));

    it.each([
      ['without http://', (of: string) => of.replace('http://', '')],
      ['of another port', () => 'http://127.0.0.1:9'],
    ])('%s: fault finds nothing, and calls pass untouched', async (_name, value) => {
      const bench = await given(value);
      const way = ['--noproxy', '', '-x', `http://127.0.0.1:${bench.caller.port}`, '-k'];
      const { stdout } = await runCurl([...way, ...want(529), url('/message')]);
      expect(stdout.toString()).toBe(MESSAGE);
      expect(bench.plugin.found).toBe(false);
    });

    it('that names the plugin twice: calls end in their handshake, and the plugin says why', async () => {
      const bench = await given((of) => `${of},${of}`);
      expect((await curl(bench, ['--max-time', '10', url('/message')])).code).toBe(35);
      expect(bench.notices).toEqual([
        expect.stringMatching(/^plugin-doubled: .* Restart fault with the URL once$/),
      ]);
      expect(bench.api.requests).toEqual([]);
    });
  });

  describe("fault's own faults in a tunnel", () => {
    const latency = (mean: number, ...more: string[]) => [
      ...['--with-latency', '--latency-mean', `${mean}`, '--latency-stddev', '1', ...more],
    ];
    // Fault's limit on what it reads, its default, stalls for ever when it is reached, plugin or none.
    const egress = ['--bandwidth-direction', 'egress'];
    const slow = ['--with-bandwidth', '--bandwidth-rate', '500', '--bandwidth-unit', 'KBps'];

    it.each([
      ['latency', { refused: 180, up: 180, down: 180 }, latency(200)],
      // Three reads of the upstream at the very least; a megabyte is 256.
      [
        'latency of every read and write',
        { refused: 50, down: 4000 },
        latency(20, '--latency-per-read-write'),
      ],
      // A second's bytes are free at first.
      ['bandwidth down', { down: 800 }, [...slow, '--bandwidth-side', 'client', ...egress]],
      ['bandwidth up', { up: 600 }, [...slow, '--bandwidth-side', 'server', ...egress]],
    ] as const)('%s', async (_name, least: Partial<Record<'refused' | 'up' | 'down', number>>, more) => {
      const bench = await acceptanceBench(startReal(file, more));
      const input = patternOf(MiB);
      const timed = async (call: Promise<CurlResult>): Promise<CurlResult & { ms: number }> => {
        const since = performance.now();
        return { ...(await call), ms: performance.now() - since };
      };
      const refused = await timed(curl(bench, [...want(529), url('/message')]));
      expect(refused.stdout.toString(), refused.stderr).toBe(errorBody(529));
      const send = ['-H', 'Expect:', '--data-binary', '@-'];
      const up = await timed(curl(bench, [...send, url('/hash')], { input }));
      expect(up.stdout.toString(), up.stderr).toContain(sha256(input));
      const down = await timed(curl(bench, [url(`/bytes/${MiB}`)]));
      expect(sha256(down.stdout), down.stderr).toBe(sha256(input));
      // Or fault did nothing.
      expect(refused.ms).toBeGreaterThan(least.refused ?? 0);
      expect(up.ms).toBeGreaterThan(least.up ?? 0);
      expect(down.ms).toBeGreaterThan(least.down ?? 0);
    });
  });

  describe('plain HTTP', () => {
    const plain = async () => {
      const api = await startPlainApi();
      const plugin = { targets: ['127.0.0.1'] };
      const bench = await acceptanceBench(
        (pluginUrl, to) => startMapping(file, { protocol: 'http', to: `127.0.0.1:${to}`, pluginUrl }),
        { apiPort: api.port, plugin },
      );
      const ask = async (path: string, ...args: string[]) =>
        (await runCurl([...args, `http://127.0.0.1:${bench.caller.port}${path}`])).stdout.toString();
      return { api, bench, ask };
    };

    it.each([429, 500, 529])('%i is read whole, and costs the API nothing', async (status) => {
      const { api, ask } = await plain();
      const text = await ask('/v1/messages?beta=true', '-i', ...want(status), '-d', '{}');
      const [head = '', body] = text.split('\r\n\r\n');
      expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
      expect(head).toMatch(/^request-id: req_011CTEST\r?$/im);
      if (status === 429) expect(head).toMatch(/^retry-after: 1\r?$/im);
      expect(body).toBe(errorBody(status));
      expect(api.requests).toEqual([]);
    });

    it('a query reaches the API as it was, answers without a length come whole, and streams stream', async () => {
      const { api, bench, ask } = await plain();
      for (const path of ['/v1/messages?beta=true', '/v1/models?limit=2&after=a%20b', '/v1/messages'])
        expect(await ask(path, '-d', '{"model":"x"}')).toBe(ANSWER);
      expect(await ask('/events')).toBe(EVENTS.join(''));
      expect(await ask('/v1/messages')).toBe(ANSWER);
      expect(api.requests).toEqual([
        'POST /v1/messages?beta=true',
        'POST /v1/models?limit=2&after=a%20b',
        'POST /v1/messages',
        'GET /events',
        'GET /v1/messages',
      ]);
      expect(bench.notices).toEqual([]);
    });
  });

  describe('our proxy', () => {
    const proxy = (options: Partial<ProxyOptions>) => testProxy({ rules: wishes(), ...options });

    it('behind fault: injected errors are slow, too', async () => {
      const api = await startPlainApi();
      const { port } = await proxy({
        upstream: { kind: 'url', url: new URL(`http://127.0.0.1:${api.port}`) },
      });
      const more = ['--with-latency', '--latency-mean', '200', '--latency-stddev', '1'];
      const caller = await startMapping(file, { to: `127.0.0.1:${port}`, more });
      atEnd(() => caller.close());
      for (const [status, body] of [
        [529, errorBody(529)],
        [200, ANSWER],
      ] as const) {
        const args = [...want(status), ...CODE, `http://127.0.0.1:${caller.port}/v1/messages?beta=true`];
        const { stdout, stderr } = await runCurl(args);
        const [, got, seconds] = / (\d+) 1 ([\d.]+)\n$/.exec(stdout.toString()) ?? [];
        expect([stdout.toString().startsWith(body), got], stderr).toEqual([true, `${status}`]);
        expect(Number(seconds)).toBeGreaterThan(0.18);
      }
      expect(api.requests).toEqual(['GET /v1/messages?beta=true']);
    });

    it('in front of fault: only what passes is slow', async () => {
      const api = await startAcceptanceApi();
      atEnd(() => api.close());
      const more = ['--with-latency', '--latency-mean', '300', '--latency-stddev', '1'];
      // Port 9, where no plugin is: fault does without one.
      const caller = await startReal(file, more)('http://127.0.0.1:9', api.port);
      atEnd(() => caller.close());
      const { port } = await proxy({
        upstreamProxy: new URL(`http://127.0.0.1:${caller.port}`),
        upstreamCa: api.ca,
      });
      const ask = async (status: number) => {
        const { stdout } = await runCurl([...want(status), ...CODE, `http://127.0.0.1:${port}/message`]);
        const [, body, seconds] = /^(.*) \d+ 1 ([\d.]+)\n$/.exec(stdout.toString()) ?? [];
        return { body, seconds: Number(seconds) };
      };
      const refused = await ask(529);
      expect(refused.body).toBe(errorBody(529));
      expect(api.requests).toEqual([]);
      const passed = await ask(200);
      expect(refused.seconds).toBeLessThan(passed.seconds);
      expect(passed.body).toBe(MESSAGE);
      expect(passed.seconds).toBeGreaterThan(0.27);
    });
  });
});
