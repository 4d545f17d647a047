import { describe, expect, it } from 'vitest';
import { noProxyList } from '../../src/app/run/no-proxy-list.ts';

const LOOPBACK = 'localhost,127.0.0.1,::1';
const API = ['api.anthropic.com'];

describe('noProxyList', () => {
  it('adds loopback to nothing', () => {
    expect(noProxyList(undefined, API)).toBe(LOOPBACK);
    expect(noProxyList('', API)).toBe(LOOPBACK);
  });

  it.each(['*', '.com', 'com', 'anthropic.com', '.anthropic.com', '*.anthropic.com', 'API.Anthropic.com'])(
    'drops %s, which covers the target',
    (entry) => {
      expect(noProxyList(`a.corp,${entry} b.corp`, API)).toBe(`a.corp,b.corp,${LOOPBACK}`);
    },
  );

  it.each(['example.com', 'thropic.com', 'eu.api.anthropic.com', '10.0.0.0/8', '[fd00::1]:80', '.', 'x/y'])(
    'keeps %s, which does not',
    (entry) => {
      expect(noProxyList(entry, API)).toBe(`${entry},${LOOPBACK}`);
    },
  );

  it('adds nothing twice', () => {
    expect(noProxyList('::1, 127.0.0.1', API)).toBe('::1,127.0.0.1,localhost');
  });

  it('heeds ports', () => {
    expect(noProxyList('api.anthropic.com:443', API)).toBe(LOOPBACK);
    expect(noProxyList('api.anthropic.com:8443', ['api.anthropic.com:443'])).toBe(
      `api.anthropic.com:8443,${LOOPBACK}`,
    );
    expect(noProxyList('api.anthropic.com:443', ['api.anthropic.com:443'])).toBe(LOOPBACK);
  });

  it('drops what covers a wildcard in part or whole', () => {
    expect(noProxyList('eu.example.com,example.com,.com,example.org', ['*.example.com'])).toBe(
      `example.org,${LOOPBACK}`,
    );
  });

  it('drops networks and addresses of a target that is an address', () => {
    const targets = ['10.1.2.3'];
    expect(noProxyList('10.0.0.0/8,10.1.2.3,10.2.0.0/16,10.0.0.0/33,fd00::/8', targets)).toBe(
      `10.2.0.0/16,10.0.0.0/33,fd00::/8,${LOOPBACK}`,
    );
    expect(noProxyList('fd00::/8', ['[fd00::1]:443'])).toBe(LOOPBACK);
  });

  it('leaves out the loopback that is a target', () => {
    expect(noProxyList('', ['127.0.0.1:9000'])).toBe('localhost,::1');
    expect(noProxyList('localhost', ['localhost'])).toBe('127.0.0.1,::1');
  });
});
