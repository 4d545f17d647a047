/** The base URL is for programs: web pages that a browser lets in, whatever name they have, are turned away. */
import { describe, expect, it } from 'vitest';
import type { ProxyOptions } from '../../src/app/proxy.ts';
import { openClient } from '../support/modes.ts';
import { atEnd, testProxy } from '../support/proxy.ts';
import { watch } from '../support/raw-upstream.ts';
import { overloaded, testRules } from '../support/rules.ts';

async function setUp(options: Partial<ProxyOptions> = {}) {
  const rules = testRules(() => overloaded());
  const proxy = await testProxy({ rules, ...options });
  return {
    proxy,
    rules,
    /** Sends a request as it is. @returns the first line of the answer, and all of it */
    ask: async (request: string) => {
      const client = await openClient('origin-form', proxy);
      atEnd(() => client.raw.destroy());
      const peer = watch(client.socket);
      client.socket.write(request);
      await peer.until('}');
      const text = peer.received().toString();
      return { text, status: Number(text.slice(9, 12)), peer, client };
    },
  };
}

const get = (host: string | undefined, ...fields: string[]): string =>
  [`GET /v1/models HTTP/1.1`, ...(host === undefined ? [] : [`Host: ${host}`]), ...fields, '', ''].join(
    '\r\n',
  );

const OURS = [
  'localhost:8080',
  'LocalHost',
  'localhost.:1',
  'aep.localhost:8080',
  '127.0.0.1:8080',
  '127.0.0.2',
  '[::1]:8080',
  '0.0.0.0:8080',
  'aep:8080',
  'host.docker.internal:8080',
  'api.anthropic.com',
  'API.anthropic.com:8443',
  '',
];

const NOT_OURS = [
  'evil.example',
  'evil.example:8080',
  'localhost.evil.example',
  'api.anthropic.com.evil.example',
  '127.0.0.1.nip.io',
  'aep.local',
  '192.0.2.1:8080',
  '[2001:db8::1]',
  'internal.example',
  '2130706433',
  'me:hunter2',
];

describe('a call of the base URL', () => {
  it('with a Host of ours is served', async () => {
    const { ask } = await setUp();
    for (const host of OURS)
      expect({ host, status: (await ask(get(host))).status }).toEqual({ host, status: 529 });
  });

  it('with another Host gets a 403 that counts as nothing', async () => {
    const { ask, proxy, rules } = await setUp();
    for (const host of NOT_OURS) {
      const { status, text, peer } = await ask(get(host));
      expect({ host, status }).toEqual({ host, status: 403 });
      expect(text).toMatch(/\r\nx-proxy-error: foreign-host\r\n/);
      expect(text).toMatch(/\r\nConnection: close\r\n/i);
      expect(text).toMatch(/--allow-host|the URL that it told/);
      expect(text).not.toContain('hunter2');
      expect(await peer.ended).toBe('end');
    }
    expect(rules.asked).toEqual([]);
    expect(new Set(proxy.events.map(({ type }) => type))).toEqual(new Set(['connection.error', 'notice']));
    expect(proxy.events).toContainEqual(expect.objectContaining({ type: 'notice', code: 'foreign-host' }));
    expect(JSON.stringify(proxy.events)).not.toContain('hunter2');
  });

  it('is told once, and the next client is served', async () => {
    const { ask, proxy } = await setUp();
    await ask(get('evil.example'));
    await ask(get('evil.example'));
    expect((await ask(get('localhost'))).status).toBe(529);
    expect(proxy.events.filter(({ type }) => type === 'notice')).toHaveLength(1);
    expect(proxy.events.filter(({ type }) => type === 'connection.error')).toHaveLength(2);
    expect(proxy.events).toContainEqual(expect.objectContaining({ type: 'exchange.decided', ordinal: 1 }));
  });

  it('on a connection that served others', async () => {
    const { ask } = await setUp();
    const { peer, client } = await ask(get('localhost'));
    client.socket.write(get('evil.example'));
    await peer.until('HTTP/1.1 403');
  });

  it('with a large body gets its 403 whole', async () => {
    const { ask } = await setUp();
    const body = Buffer.alloc(2_000_000, 'x').toString();
    const head = `POST /v1/messages HTTP/1.1\r\nHost: evil.example\r\nContent-Length: ${body.length}\r\n\r\n`;
    const { status, peer } = await ask(head + body);
    expect(status).toBe(403);
    expect(await peer.ended).toBe('end');
  });

  it('of HTTP/1.0 needs no Host', async () => {
    const { ask } = await setUp();
    expect((await ask('GET /v1/models HTTP/1.0\r\n\r\n')).status).toBe(529);
  });

  it('beyond loopback, with a Host that no web page can have', async () => {
    const { ask } = await setUp({ host: '0.0.0.0' });
    for (const host of ['aep:8080', 'aep.local', 'box.lan', '192.0.2.1:8080', '[2001:db8::1]', 'localhost'])
      expect({ host, status: (await ask(get(host))).status }).toEqual({ host, status: 529 });
    expect((await ask(get('evil.example'))).status).toBe(403);
  });

  it('by a name that was allowed', async () => {
    const { ask } = await setUp({ allowHosts: ['aep.example.com', '*.lab.example'] });
    expect((await ask(get('aep.example.com:8080'))).status).toBe(529);
    expect((await ask(get('a.lab.example'))).status).toBe(529);
    expect((await ask(get('127.0.0.1', 'Origin: https://aep.example.com'))).status).toBe(529);
    expect((await ask(get('example.com'))).status).toBe(403);
  });
});

const ELSEWHERE: [fields: string[], named: string][] = [
  [['Origin: https://evil.example', 'Sec-Fetch-Site: cross-site'], 'evil.example'],
  [['origin: http://localhost.evil.example:3000'], 'localhost.evil.example'],
  [['Origin: https://api.anthropic.com.evil.example'], 'api.anthropic.com.evil.example'],
  [['Origin: null'], 'another site'],
  [['Origin: http://me:hunter2@localhost'], 'another site'],
  [['Origin: https://localhost https://evil.example'], 'another site'],
  [['Origin: http://localhost', 'Origin: https://evil.example'], 'another site'],
  [['Sec-Fetch-Site: cross-site'], 'another site'],
  [['Origin: https://evil.example', 'x-aep-fault: overloaded'], 'evil.example'],
];

describe('a web page', () => {
  const HOST = '127.0.0.1:8080';

  it('of this machine, or a program, is served', async () => {
    const { ask } = await setUp();
    for (const fields of [
      ['Origin: http://localhost:3000', 'Sec-Fetch-Site: cross-site'],
      ['Origin: http://127.0.0.1:3000', 'Sec-Fetch-Site: same-site'],
      ['Origin: http://[::1]:3000'],
      ['Sec-Fetch-Site: none'],
      ['Sec-Fetch-Site: same-origin'],
      ['Sec-Fetch-Site: same-site'],
      ['Origin: vscode-webview://1abc', 'Sec-Fetch-Site: cross-site'],
      ['Origin: chrome-extension://abc'],
      ['Sec-Fetch-Mode: cors'],
    ])
      expect({ fields, status: (await ask(get(HOST, ...fields))).status }).toEqual({ fields, status: 529 });
  });

  it('of elsewhere gets a 403 that counts as nothing', async () => {
    const { ask, proxy, rules } = await setUp({ allowRequestFaults: true });
    for (const [fields, named] of ELSEWHERE) {
      for (const request of [
        get(HOST, ...fields),
        get(HOST, ...fields).replace('GET', 'OPTIONS'),
        get(HOST, ...fields).replace('GET /', `GET http://127.0.0.1:${proxy.port}/`),
        get(HOST, ...fields).replace('GET /', 'GET http://api.anthropic.com/'),
      ]) {
        const { status, text } = await ask(request);
        expect({ request, status }).toEqual({ request, status: 403 });
        expect(text).toMatch(/\r\nx-proxy-error: foreign-page\r\n/);
        expect(text).toContain(`a web page of ${named},`);
        expect(text).not.toContain('hunter2');
      }
    }
    expect(rules.asked).toEqual([]);
    expect(new Set(proxy.events.map(({ type }) => type))).toEqual(new Set(['connection.error', 'notice']));
  });

  it('of elsewhere is none of our business where it calls a host that is no target', async () => {
    const { ask, proxy } = await setUp();
    const request = get('127.0.0.1:1', 'Origin: https://evil.example').replace(
      'GET /',
      'GET http://127.0.0.1:1/',
    );
    expect((await ask(request)).status).toBe(502);
    expect(proxy.events).toContainEqual(expect.objectContaining({ code: 'upstream-refused' }));
  });

  it('that a browser lets through a tunnel is served, but cannot ask for a fault', async () => {
    const rules = testRules(() => overloaded());
    const proxy = await testProxy({ rules, allowRequestFaults: true });
    const ask = async (fields: string): Promise<string> => {
      const client = await openClient('CONNECT+TLS', proxy);
      atEnd(() => client.raw.destroy());
      const peer = watch(client.socket);
      client.socket.write(
        `GET /v1/x HTTP/1.1\r\nHost: ${client.host}\r\nx-aep-fault: rate-limit\r\n${fields}\r\n`,
      );
      await peer.until('"}');
      return peer.received().toString('latin1', 9, 12);
    };
    expect(await ask('Origin: https://evil.example\r\n')).toBe('529');
    expect(rules.asked).toHaveLength(1);
    expect(proxy.events).toContainEqual(expect.objectContaining({ type: 'notice', code: 'foreign-page' }));
  });
});
