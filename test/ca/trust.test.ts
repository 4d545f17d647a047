import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { quotePosix } from '../../src/ca/quote.ts';
import { detectMachine, installText, removalText, type TrustOptions } from '../../src/ca/trust.ts';

const certificate = {
  name: 'anthropic-error-plugin root 01234567',
  sha256: 'AA:BB',
  sha1: '01:23:45',
  serial: '99',
  notBefore: new Date(Date.UTC(2026, 10, 22)),
  notAfter: new Date(Date.UTC(2028, 10, 22)),
  permitted: ['api.anthropic.com'],
};

const options: TrustOptions = {
  certificate,
  certificatePath: '/home/ada/.local/state/anthropic-error-plugin/fault-ca.crt',
  machine: 'debian',
  proxyUrl: 'http://127.0.0.1:8080',
  targets: ['api.anthropic.com'],
  systemRootsPath: '/etc/ssl/certs/ca-certificates.crt',
};

function titles(text: string, chapter: string): string[] {
  const part = text.slice(text.indexOf(`\n# ${chapter}`)).split(/\n# /)[1]!;
  return Array.from(part.matchAll(/^## (.*)$/gm), (match) => match[1]!);
}

const PLACES = [
  /^macOS/,
  /^Debian, Ubuntu/,
  /^RHEL, Fedora/,
  /^Windows/,
  /^Node/,
  /^Python/,
  /^Go/,
  /^curl/,
  /^Firefox/,
  /^Java/,
];

test('every place has steps to trust and to stop, this machine’s first', () => {
  for (const machine of ['macos', 'debian', 'rhel', 'windows', undefined] as const) {
    const text = installText({ ...options, machine });
    for (const chapter of ['Trust it', 'Stop trusting']) {
      const found = titles(text, chapter);
      expect(found).toHaveLength(PLACES.length);
      for (const place of PLACES) expect(found.filter((title) => place.test(title))).toHaveLength(1);
      expect(found.filter((title) => title.endsWith('(this machine)'))).toEqual(machine ? [found[0]] : []);
    }
  }
  expect(titles(installText({ ...options, machine: 'rhel' }), 'Trust it')[0]).toBe(
    'RHEL, Fedora (this machine)',
  );
});

test('it ends with a call that verifies: through the proxy, without -k', () => {
  const verify = installText(options).split('\n# Verify')[1]!;
  expect(verify).toContain(
    `curl -sS -o /dev/null -w "HTTP %{http_code}\\n" -x http://127.0.0.1:8080 https://api.anthropic.com/\n`,
  );
  expect(verify).toContain(`--cacert ${options.certificatePath} https://`);
  expect(verify).not.toMatch(/ -k\b|--insecure/);
  const windows = installText({
    ...options,
    machine: 'windows',
    certificatePath: 'C:\\My Files\\fault-ca.crt',
  });
  expect(windows).toContain('curl.exe --ssl-no-revoke -sS -o NUL');
  expect(windows).toContain('--cacert "C:\\My Files\\fault-ca.crt" https://');
});

test.each([
  { targets: ['*.example.com', 'a.example.com'], url: 'https://a.example.com/' },
  { targets: ['*.example.com'], url: 'https://www.example.com/' },
  { targets: ['::1'], url: 'https://[::1]/' },
  { targets: ['[::1]:8443'], url: 'https://[::1]:8443/' },
  { targets: ['localhost:8443'], url: 'https://localhost:8443/' },
])('for targets $targets it calls $url', ({ targets, url }) => {
  expect(installText({ ...options, targets })).toContain(` ${url}\n`);
});

test('untrust prints removal alone, of exactly this certificate', () => {
  const text = removalText(options);
  expect(titles(text, 'Stop trusting')).toHaveLength(PLACES.length);
  expect(text).toContain('security delete-certificate -t -Z 012345 ~/Library/Keychains/login.keychain-db');
  expect(text).toContain('certutil -user -delstore Root 012345');
  expect(text).toContain('sudo rm /usr/local/share/ca-certificates/anthropic-error-plugin.crt');
  expect(text).toContain(certificate.name);
  expect(text).not.toMatch(/add-trusted-cert|-addstore|-importcert|sudo cp|export /);
});

test('what it vouches for is said, and when there is no limit too', () => {
  expect(installText(options)).toContain('limits   can vouch for api.anthropic.com and nothing else');
  const free = { ...options, certificate: { ...certificate, permitted: undefined } };
  expect(installText(free)).toContain('limits   none:');
});

test('machines are told by platform and os-release', () => {
  expect(detectMachine('darwin')).toBe('macos');
  expect(detectMachine('win32')).toBe('windows');
  expect(detectMachine('linux', 'NAME=x\nID=debian\n')).toBe('debian');
  expect(detectMachine('linux', 'ID=linuxmint\nID_LIKE="ubuntu debian"\n')).toBe('debian');
  expect(detectMachine('linux', 'ID="rocky"\nID_LIKE="rhel centos fedora"\n')).toBe('rhel');
  expect(detectMachine('linux', 'ID=fedora')).toBe('rhel');
  expect(detectMachine('linux', 'ID=arch\nHOME_URL="https://debian.org"\n')).toBeUndefined();
  expect(detectMachine('linux')).toBeUndefined();
});

test.runIf(process.platform !== 'win32')('paths with blanks and quotes reach a shell whole', () => {
  for (const path of [
    "/Users/ada/Library/Application Support/x's $HOME `id`/ca.crt",
    '/plain/path.crt',
    '',
  ]) {
    expect(execFileSync('sh', ['-c', `printf %s ${quotePosix(path)}`]).toString()).toBe(path);
  }
});
