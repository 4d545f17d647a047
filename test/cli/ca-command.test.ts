/** `ca …`, --export-ca and --install-ca. */
import { X509Certificate } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { writeOutdatedCa } from '../ca/support.ts';
import { type Cli, testCli } from '../run/cli.ts';
import { writeCertificate } from './certificates.ts';

/** Runs a command that must succeed. @returns what it printed */
async function said(cli: Cli, ...args: string[]): Promise<string> {
  const before = cli.stdout().length;
  expect([await cli.run(...args), cli.stderr()]).toEqual([0, '']);
  return cli.stdout().slice(before);
}

describe('ca', () => {
  it('show and untrust make no CA; path does, and says where', async () => {
    const cli = await testCli();
    expect(await said(cli, 'ca', 'show')).toMatch(/^There is no CA in .* yet: /);
    expect(await said(cli, 'ca', 'untrust')).toMatch(/^There is no CA in .* yet: /);
    expect(readdirSync(cli.folder)).toEqual([]);
    const path = (await said(cli, 'ca', 'path')).trimEnd();
    expect(new X509Certificate(readFileSync(path)).ca).toBe(true);
    expect(path).toMatch(/fault-ca\.crt$/);
  });

  it('show tells names, dates, limits and the fingerprint that other tools show', async () => {
    const cli = await testCli();
    const path = (await said(cli, 'ca', 'path')).trimEnd();
    const text = await said(cli, 'ca', 'show');
    expect(text).toContain(path);
    expect(text).toContain(new X509Certificate(readFileSync(path)).fingerprint256);
    expect(text).toMatch(/^signs for {2}api\.anthropic\.com$/m);
  });

  it.each(['path', 'show', 'untrust'])(
    '%s mends a certificate that is lost, garbage or of a CA before',
    async (verb) => {
      const cli = await testCli();
      const path = (await said(cli, 'ca', 'path')).trimEnd();
      const old = readFileSync(path, 'utf8');
      await said(cli, 'ca', 'rotate');
      const right = readFileSync(path, 'utf8');
      for (const damage of [
        () => rmSync(path),
        () => writeFileSync(path, 'x'),
        () => writeFileSync(path, old),
      ]) {
        damage();
        expect(await said(cli, 'ca', verb)).toContain(path);
        expect(readFileSync(path, 'utf8')).toBe(right);
      }
    },
  );

  it('names no certificate of an earlier version to be trusted, and tells what to do', async () => {
    const cli = await testCli();
    const stateDir = join(cli.folder, 'old');
    mkdirSync(stateDir);
    await writeOutdatedCa(stateDir, ['api.anthropic.com']);
    expect(await said(cli, 'ca', 'show', '--state-dir', stateDir)).toMatch(/^outdated {3}.*ca rotate/m);
    expect(await said(cli, 'ca', 'untrust', '--state-dir', stateDir)).toContain('Stop trusting it');
    expect(await cli.run('ca', 'path', '--state-dir', stateDir)).toBe(2);
    expect(cli.stderr()).toMatch(/made by an earlier version.*run "ca rotate/);
  });

  it('show tells of a CA of the user, and that nothing limits it', async () => {
    const cli = await testCli();
    writeCertificate(cli.folder, 'mine');
    const text = await said(cli, 'ca', 'show', '--ca-cert', 'mine.crt', '--ca-key', 'mine.key');
    expect(text).toContain('Test mine');
    expect(text).toContain('every host: whoever holds the key can vouch for any of them');
    expect(readdirSync(cli.folder).sort()).toEqual(['mine.crt', 'mine.key']);
  });

  it('export and --export-ca write the same certificate, over an earlier export too, and no key', async () => {
    const cli = await testCli();
    expect(await said(cli, 'ca', 'export', 'a.crt')).toContain(join(cli.folder, 'a.crt'));
    await said(cli, '--export-ca', 'b.crt');
    await said(cli, '--export-ca', 'b.crt');
    const [a, b] = ['a.crt', 'b.crt'].map((name) => readFileSync(join(cli.folder, name), 'utf8'));
    expect(a).toBe(b);
    expect(a).toMatch(/^-----BEGIN CERTIFICATE-----\n/);
    expect(a).not.toContain('PRIVATE');
  });

  it('rotate makes a new one for the hosts that are given; a start for other hosts says so', async () => {
    const cli = await testCli();
    const path = (await said(cli, 'ca', 'path')).trimEnd();
    const old = readFileSync(path, 'utf8');
    expect(await cli.run('--export-ca', 'a.crt', '--target-host', 'api.example.com')).toBe(2);
    const cure = /ca rotate --target-host \S+/.exec(cli.stderr())?.[0] ?? '';
    expect(cure).toBe('ca rotate --target-host api.example.com');
    expect(existsSync(join(cli.folder, 'a.crt'))).toBe(false);
    const again = await testCli({ XDG_STATE_HOME: cli.folder });
    expect(await said(again, ...cure.split(' '))).toContain('There is a new CA for api.example.com');
    expect(readFileSync(path, 'utf8')).not.toBe(old);
    expect(await said(again, 'ca', 'show', '--target-host', 'api.example.com')).toContain('api.example.com');
  });

  it('untrust prints removal alone, even for a CA that can no longer sign', async () => {
    const cli = await testCli();
    await said(cli, 'ca', 'path');
    const text = await said(cli, 'ca', 'untrust', '--target-host', 'elsewhere.example.com');
    expect(text).toContain('Stop trusting it');
    expect(text).not.toContain('# Trust it');
  });
});

describe('--install-ca', () => {
  it('names every place, the certificate and how to verify', async () => {
    const cli = await testCli();
    const text = await said(cli, '--install-ca', '--proxy-port', '9999');
    for (const place of [
      'macOS',
      'Debian, Ubuntu',
      'RHEL, Fedora',
      'Windows',
      'Firefox',
      'Java',
      'Node',
      'Python',
      'Go',
      'curl',
    ])
      expect(text, place).toMatch(new RegExp(`^## .*${place}`, 'm'));
    expect(text).toContain('fault-ca.crt');
    expect(text).toContain('-x http://127.0.0.1:9999');
    expect(text).not.toMatch(/curl[^\n]* -k\b/);
  });

  it('starts nothing, also with --standalone', async () => {
    const cli = await testCli();
    writeFileSync(join(cli.folder, 'x'), '');
    expect(await said(cli, '--standalone', '--install-ca', '--ready-file', 'ready.json')).toContain(
      '# Trust it',
    );
    expect(existsSync(join(cli.folder, 'ready.json'))).toBe(false);
  });
});
