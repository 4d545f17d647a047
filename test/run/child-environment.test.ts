import { describe, expect, it } from 'vitest';
import { type ChildEnvironmentOptions, childEnvironment } from '../../src/app/run/child-environment.ts';
import { withPreload } from '../../src/app/run/node-options.ts';
import { VIAS } from '../../src/app/run/via.ts';
import { withChanges } from '../../src/app/run/with-changes.ts';

const OPTIONS: ChildEnvironmentOptions = {
  via: 'proxy',
  env: {},
  platform: 'linux',
  proxyUrl: 'http://127.0.0.1:8080',
  targets: ['api.anthropic.com'],
  bundles: {
    replacing: '/state/roots.pem',
    adding: '/state/extra.pem',
    java: '/state/java.jks',
    php: '/state/php',
    wget: '/state/wgetrc',
  },
  preload: '/package/preload/proxy-fetch.cjs',
  standIn: false,
};
const JAVA =
  "-Dhttp.proxyHost=127.0.0.1 -Dhttp.proxyPort=8080 -Dhttps.proxyHost=127.0.0.1 -Dhttps.proxyPort=8080 '-Dhttp.nonProxyHosts=localhost|127.0.0.1|[::1]' '-Djavax.net.ssl.trustStore=/state/java.jks' -Djavax.net.ssl.trustStoreType=JKS";
const environment = (changes: Partial<ChildEnvironmentOptions>): Readonly<Record<string, string>> =>
  childEnvironment({ ...OPTIONS, ...changes });

describe('childEnvironment', () => {
  it('sets proxies in both spellings, and every variable for roots', () => {
    const NO_PROXY = 'localhost,127.0.0.1,::1';
    expect(environment({})).toEqual({
      HTTPS_PROXY: 'http://127.0.0.1:8080',
      https_proxy: 'http://127.0.0.1:8080',
      HTTP_PROXY: 'http://127.0.0.1:8080',
      http_proxy: 'http://127.0.0.1:8080',
      NO_PROXY,
      no_proxy: NO_PROXY,
      NODE_USE_ENV_PROXY: '1',
      NODE_OPTIONS: '--require "/package/preload/proxy-fetch.cjs"',
      JAVA_TOOL_OPTIONS: JAVA,
      PHP_INI_SCAN_DIR: ':/state/php',
      SYSTEM_WGETRC: '/state/wgetrc',
      NODE_EXTRA_CA_CERTS: '/state/extra.pem',
      DENO_CERT: '/state/extra.pem',
      SSL_CERT_FILE: '/state/roots.pem',
      REQUESTS_CA_BUNDLE: '/state/roots.pem',
      CURL_CA_BUNDLE: '/state/roots.pem',
      AWS_CA_BUNDLE: '/state/roots.pem',
    });
  });

  it('sets each once on Windows, where names have no case', () => {
    const names = Object.keys(environment({ platform: 'win32' })).map((name) => name.toUpperCase());
    expect(new Set(names).size).toBe(names.length);
    expect(names).toContain('HTTPS_PROXY');
  });

  it('joins both spellings of NO_PROXY, and drops what covers a target', () => {
    const { NO_PROXY, no_proxy } = environment({ env: { NO_PROXY: 'a.corp,*', no_proxy: 'b.corp' } });
    expect(NO_PROXY).toBe('a.corp,b.corp,localhost,127.0.0.1,::1');
    expect(no_proxy).toBe(NO_PROXY);
  });

  it('by base URL, sets that alone', () => {
    expect(environment({ via: 'base-url' })).toEqual({ ANTHROPIC_BASE_URL: 'http://127.0.0.1:8080' });
  });

  it('by base URL, keeps a company proxy away from it, and the targets past it', () => {
    const env = { https_proxy: 'http://proxy.corp:3128', NO_PROXY: '.anthropic.com' };
    expect(environment({ via: 'base-url', env })).toEqual({
      ANTHROPIC_BASE_URL: 'http://127.0.0.1:8080',
      NO_PROXY: '.anthropic.com,localhost,127.0.0.1,::1',
      no_proxy: '.anthropic.com,localhost,127.0.0.1,::1',
    });
  });

  it('sets both for both', () => {
    expect(environment({ via: 'both' })).toEqual({
      ...environment({}),
      ...environment({ via: 'base-url' }),
    });
  });

  it('gives a dummy key for the stand-in only', () => {
    expect(environment({ standIn: true }).ANTHROPIC_API_KEY).toMatch(/^sk-ant-dummy/);
    expect(environment({})).not.toHaveProperty('ANTHROPIC_API_KEY');
    expect(environment({ env: { ANTHROPIC_API_KEY: 'theirs' } })).not.toHaveProperty('ANTHROPIC_API_KEY');
  });

  it.each([
    'ANTHROPIC_API_KEY',
    'ANTHROPIC_AUTH_TOKEN',
    'ANTHROPIC_IDENTITY_TOKEN',
    'ANTHROPIC_ADMIN_KEY',
    'ANTHROPIC_FOUNDRY_API_KEY',
    'ANTHROPIC_AWS_API_KEY',
    'ANTHROPIC_WORK_SECRET',
    'CLAUDE_API_KEY',
    'CLAUDE_CODE_OAUTH_TOKEN',
    'CLAUDE_CODE_OAUTH_REFRESH_TOKEN',
    'AWS_BEARER_TOKEN_BEDROCK',
  ])('puts the dummy in the place of %s, by every way', (name) => {
    for (const via of VIAS)
      expect(environment({ via, standIn: true, env: { [name]: 'real' } })[name]).toMatch(/^sk-ant-dummy/);
  });

  it('adds no API key to a bearer token', () => {
    const env = { ANTHROPIC_AUTH_TOKEN: 'real' };
    expect(environment({ standIn: true, env })).not.toHaveProperty('ANTHROPIC_API_KEY');
  });

  it('leaves out what names a key elsewhere, or leads past the stand-in', () => {
    for (const name of [
      'ANTHROPIC_IDENTITY_TOKEN_FILE',
      'CLAUDE_CODE_OAUTH_TOKEN_FILE_DESCRIPTOR',
      'CLAUDE_CODE_API_KEY_FILE_DESCRIPTOR',
      'CLAUDE_CODE_USE_BEDROCK',
      'CLAUDE_CODE_USE_VERTEX',
    ])
      expect(environment({ standIn: true, env: { [name]: '1' } })[name]).toBe('');
  });

  it('leaves secrets out of headers of the user, and nothing else', () => {
    const ANTHROPIC_CUSTOM_HEADERS = 'X-Team: a:b\nAuthorization: Bearer real\nx-api-key: real';
    expect(environment({ standIn: true, env: { ANTHROPIC_CUSTOM_HEADERS } })).toMatchObject({
      ANTHROPIC_CUSTOM_HEADERS: 'X-Team: a:b',
    });
  });

  it('leaves alone what is no key, and what is for other services, too', () => {
    const env = {
      ANTHROPIC_MODEL: 'claude-opus-5-5',
      ANTHROPIC_WEBHOOK_SIGNING_KEY: 'whsec_x',
      CLAUDE_CODE_CLIENT_KEY: '/etc/client.key',
      CLAUDE_CODE_MAX_OUTPUT_TOKENS: '100',
      AWS_SECRET_ACCESS_KEY: 'x',
      GITHUB_TOKEN: 'x',
    };
    for (const name of Object.keys(env)) expect(environment({ standIn: true, env })).not.toHaveProperty(name);
  });
});

describe('settings of other runtimes', () => {
  it('keep those of the user, and are added once', () => {
    const env = { JAVA_TOOL_OPTIONS: ' -Xmx1g -Dhttps.proxyHost=corp ', PHP_INI_SCAN_DIR: '/theirs' };
    const once = environment({ env });
    expect(once.JAVA_TOOL_OPTIONS).toBe(`-Xmx1g -Dhttps.proxyHost=corp ${JAVA}`);
    expect(once.PHP_INI_SCAN_DIR).toBe('/theirs:/state/php');
    const { JAVA_TOOL_OPTIONS, PHP_INI_SCAN_DIR } = environment({ env: once });
    expect({ JAVA_TOOL_OPTIONS, PHP_INI_SCAN_DIR }).toEqual({
      JAVA_TOOL_OPTIONS: once.JAVA_TOOL_OPTIONS,
      PHP_INI_SCAN_DIR: once.PHP_INI_SCAN_DIR,
    });
    expect(environment({ platform: 'win32' }).PHP_INI_SCAN_DIR).toBe(';/state/php');
  });

  it('leave Java a trust store of the user', () => {
    const JAVA_TOOL_OPTIONS = '-Djavax.net.ssl.trustStore=/theirs.jks';
    const made = environment({ env: { JAVA_TOOL_OPTIONS } }).JAVA_TOOL_OPTIONS;
    expect(made).toMatch(/^-Djavax\.net\.ssl\.trustStore=\/theirs\.jks -Dhttp\.proxyHost=/);
    expect(made).not.toMatch(/java\.jks|trustStoreType/);
  });

  it('tell Java what to go past as far as it can be told', () => {
    const NO_PROXY = 'a.corp,.b.corp,*.c.corp,10.1.1.1,10.0.0.0/8,d.corp:8443,fe80::1';
    expect(environment({ env: { NO_PROXY } }).JAVA_TOOL_OPTIONS).toContain(
      "'-Dhttp.nonProxyHosts=a.corp|*.a.corp|b.corp|*.b.corp|c.corp|*.c.corp|10.1.1.1|d.corp|*.d.corp|[fe80::1]|localhost|127.0.0.1|[::1]'",
    );
  });
});

describe('withPreload', () => {
  it('keeps the options of the user, and quotes the path as Node reads it', () => {
    expect(withPreload(' --no-warnings ', '/a b/x.cjs')).toBe('--no-warnings --require "/a b/x.cjs"');
    expect(withPreload(undefined, 'C:\\a "b"\\x.cjs')).toBe('--require "C:\\\\a \\"b\\"\\\\x.cjs"');
  });

  it('adds itself once', () => {
    const once = withPreload('--no-warnings', '/x.cjs');
    expect(withPreload(once, '/x.cjs')).toBe(once);
  });
});

describe('withChanges', () => {
  it('replaces other spellings on Windows alone', () => {
    const env = { Https_Proxy: 'old', Path: 'p' };
    expect(withChanges(env, { HTTPS_PROXY: 'new' }, 'win32')).toEqual({ HTTPS_PROXY: 'new', Path: 'p' });
    expect(withChanges(env, { HTTPS_PROXY: 'new' }, 'linux')).toEqual({ ...env, HTTPS_PROXY: 'new' });
  });
});
