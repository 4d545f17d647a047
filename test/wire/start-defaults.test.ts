/** `startProxy()` with nothing said, and the examples of docs/library.md as they stand there. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type tls from 'node:tls';
import { expect, it } from 'vitest';
import { describeCertificate } from '../../src/ca/describe.ts';
import * as library from '../../src/index.ts';
import { openClient } from '../support/modes.ts';
import { atEnd } from '../support/proxy.ts';

const DOCS = readFileSync(join(import.meta.dirname, '../../docs/library.md'), 'utf8');
const EXAMPLES = [...DOCS.matchAll(/^```js\n(.*?)^```/gms)].map(([, code]) => code!);

/** Runs the code of a module whose imports are at its head. */
async function runModule(code: string): Promise<void> {
  const imports = [...code.matchAll(/^import (?:(\w+)|\{ (.*) \}) from '(.*)';\n/gm)];
  const values: Record<string, unknown> = {};
  for (const [, whole, names, from] of imports) {
    const module = from === 'anthropic-error-plugin' ? library : await import(from!);
    if (whole !== undefined) values[whole] = module.default;
    for (const name of names?.split(', ') ?? []) values[name] = module[name];
  }
  const body = code.replace(/^import .*\n/gm, '');
  await new Function(...Object.keys(values), `return (async () => {${body}})()`)(...Object.values(values));
}

it.each(EXAMPLES.map((code, i) => [i + 1, code] as const))(
  'example %i does what it says',
  async (_, code) => {
    atEnd(() => {});
    await runModule(code);
  },
);

it('needs no option: a free port of the loopback, the stand-in, no rules', async () => {
  const proxy = await library.startProxy();
  atEnd(() => proxy.close(0));
  expect(proxy).toMatchObject({ host: '127.0.0.1', url: `http://127.0.0.1:${proxy.port}` });
  expect(proxy.port).toBeGreaterThan(0);
  expect(proxy.targets.matches('api.anthropic.com', 443)).toBe(true);
  expect(proxy.rules.list()).toEqual([]);
  const headers = { 'x-api-key': 'any', 'anthropic-version': '2023-06-01' };
  const answer = await fetch(`${proxy.url}/v1/models`, { headers });
  expect(answer.status).toBe(200);
  expect(await answer.json()).toHaveProperty('data');
});

it('signs by a CA that is constrained as that on disk, and on no disk', async () => {
  const proxy = await library.startProxy();
  atEnd(() => proxy.close(0));
  const { socket } = await openClient('CONNECT+TLS', proxy, { ca: proxy.ca.certificatePem! });
  const leaf = (socket as tls.TLSSocket).getPeerX509Certificate()!;
  expect(leaf.subjectAltName).toBe('DNS:api.anthropic.com');
  expect((socket as tls.TLSSocket).authorized).toBe(true);
  expect(describeCertificate(proxy.ca.certificatePem!).permitted).toEqual(['api.anthropic.com']);
  expect('certificatePath' in proxy.ca).toBe(false);
  socket.destroy();
});
