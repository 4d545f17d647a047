/** Acceptance tests 11: which tunnels a real fault shows to the plugin, by its `--upstream`. */
import { describe, expect, it } from 'vitest';
import { MESSAGE } from '../../support/fault-acceptance/api.ts';
import { acceptanceBench, errorBody } from '../../support/fault-acceptance/bench.ts';
import { runCurl, url } from '../../support/fault-acceptance/curl.ts';
import { findFault } from './find-fault.ts';
import { runFault } from './real-fault.ts';

const fault = findFault();
const found = typeof fault !== 'string';
const file = found ? fault.file : '';

describe.skipIf(!found)(found ? fault.version : `a real fault: skipped. ${fault}`, () => {
  const upstream = (valueFor: (api: string) => string | undefined) =>
    acceptanceBench((pluginUrl, apiPort) => {
      const value = valueFor(`localhost:${apiPort}`);
      return runFault(file, (port) => [
        '--log-stdout',
        ...['--api-address', '127.0.0.1:0'],
        ...['run', '--no-ui', '--grpc-plugin', pluginUrl, '--proxy-address', `127.0.0.1:${port}`],
        ...(value === undefined ? [] : ['--upstream', value]),
      ]);
    });

  describe('11 fault run', () => {
    it.each([
      ['--upstream host:port', (api: string) => api, true],
      ['--upstream https://host:port', (api: string) => `https://${api}`, true],
      ["--upstream '*'", () => '*', true],
      ['--upstream of several hosts', (api: string) => `other.test:443,${api}`, true],
      ['without --upstream', () => undefined, false],
      ['--upstream of another host', () => 'other.test:443', false],
      ['--upstream of another port', () => 'localhost:1', false],
    ])('%s', async (_name, valueFor, seen) => {
      const bench = await upstream(valueFor);
      // CONNECT names the API's own address; TLS in it names the target.
      const way = [
        ...['--noproxy', '', '-x', `http://127.0.0.1:${bench.caller.port}`],
        ...['--connect-to', `api.anthropic.com:443:localhost:${bench.api.port}`, '-H', 'x-want: 529'],
      ];
      // What is seen is signed by our CA, what is not by the API's own.
      const ours = await runCurl([...way, '--cacert', bench.caFile, url('/message')]);
      expect([ours.code, ours.stdout.toString()], ours.stderr).toEqual(seen ? [0, errorBody(529)] : [60, '']);
      const theirs = await runCurl([...way, '-k', url('/message')]);
      expect(theirs.stdout.toString(), theirs.stderr).toBe(seen ? errorBody(529) : MESSAGE);
      expect(bench.api.requests).toHaveLength(seen ? 0 : 1);
    });

    it('--upstream of a host without a port: fault ends', async () => {
      await expect(upstream(() => 'localhost')).rejects.toThrow(/fault ended at its start/);
    });
  });
});
