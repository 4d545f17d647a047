/** The preload for older Nodes: brings fetch through the proxy, and leaves every other program as it was. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { preloadPath, withPreload } from '../../src/app/run/node-options.ts';
import { bareEnvironment } from '../clients/support/bare-environment.ts';

const require = createRequire(import.meta.url);
const run = promisify(execFile);
let folder: string;
let proxyUrl: string;
/** Hosts that the proxy was asked for. */
const asked: string[] = [];
const proxy = createServer().on('connect', (request, socket) => {
  asked.push(request.url ?? '');
  socket.end('HTTP/1.1 502 No\r\n\r\n');
});

/** Runs a script under the preload, in a path with a space. */
async function node(
  script: string,
  env: NodeJS.ProcessEnv = {},
): Promise<{ stdout: string; stderr: string }> {
  const preload = join(folder, 'with space', 'preload', 'proxy-fetch.cjs');
  return run(process.execPath, ['-e', script], {
    // Node 22.21 and later reach the proxy by the variable, older ones by the preload: either way they do.
    env: {
      ...bareEnvironment(),
      NODE_USE_ENV_PROXY: '1',
      NODE_OPTIONS: withPreload(undefined, preload),
      ...env,
    },
  });
}

const FETCH = `fetch('https://api.invalid/').catch(() => {})`;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'aep-preload-'));
  await symlink(dirname(dirname(preloadPath())), join(folder, 'with space'), 'junction');
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  proxyUrl = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
});
beforeEach(() => {
  asked.length = 0;
});
afterAll(async () => {
  await new Promise((resolve) => proxy.close(resolve));
  await rm(folder, { recursive: true });
});

describe('proxy-fetch', () => {
  it('brings fetch through HTTPS_PROXY', async () => {
    await node(FETCH, { HTTPS_PROXY: proxyUrl });
    expect(asked).toEqual(['api.invalid:443']);
  });

  it('heeds NO_PROXY', async () => {
    await node(FETCH, { HTTPS_PROXY: proxyUrl, NO_PROXY: 'api.invalid' });
    expect(asked).toEqual([]);
  });

  it('lets a program take a dispatcher of its own, from the same undici', async () => {
    const script = `
      const { Agent, setGlobalDispatcher, getGlobalDispatcher } = require(${JSON.stringify(require.resolve('undici'))});
      getGlobalDispatcher();
      const mine = new Agent();
      setGlobalDispatcher(mine);
      console.log(getGlobalDispatcher() === mine);
      ${FETCH}`;
    const { stdout, stderr } = await node(script, { HTTPS_PROXY: proxyUrl, NODE_USE_ENV_PROXY: '' });
    expect(stdout).toBe('true\n');
    expect(asked).toEqual([]);
    expect(stderr).toBe('');
  });

  it('does nothing to a program that does not fetch', async () => {
    const script = `console.log(Object.keys(require.cache).some((path) => path.includes('undici')), process.argv.length)`;
    expect(await node(script, { HTTPS_PROXY: proxyUrl, NODE_USE_ENV_PROXY: '' })).toEqual({
      stdout: 'false 1\n',
      stderr: '',
    });
  });

  it('keeps a program alive whose proxy variable is no URL', async () => {
    const script = `fetch('data:,ok').then((answer) => answer.text()).then(console.log)`;
    const { stdout } = await node(script, { HTTPS_PROXY: '::', NODE_USE_ENV_PROXY: '' });
    expect(stdout).toBe('ok\n');
  });
});
