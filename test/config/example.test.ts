/** config.reference.json: every key there is, and all of it works. config.example.json: it can be started as it stands. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { armRules } from '../../src/config/arm-rules.ts';
import { loadConfigFile } from '../../src/config/load.ts';
import { normalize } from '../../src/config/normalize.ts';
import { configShape } from '../../src/config/schema.ts';
import { directoryWith } from './support.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const text = readFileSync(join(ROOT, 'config.reference.json'), 'utf8');

describe('config.example.json', () => {
  it('needs nothing that a fresh clone has not', () => {
    const file = loadConfigFile('config.example.json', ROOT);
    const home = directoryWith();
    const settings = normalize({ flags: new Map(), env: {}, cwd: ROOT, home, file });
    expect(settings).toMatchObject({ upstream: { kind: 'mock' }, replay: undefined, caCert: undefined });
    expect(armRules(settings, '42').rules.map(({ name }) => name)).toEqual([
      'opus-overload',
      'broken-streams',
    ]);
  });
});

describe('config.reference.json', () => {
  it('has every key, and is plain JSON', () => {
    expect(Object.keys(JSON.parse(text)).sort()).toEqual([...Object.keys(configShape), 'rules'].sort());
  });

  it('is accepted whole, and its rules can be armed', () => {
    const cwd = directoryWith({ 'config.json': text });
    mkdirSync(join(cwd, 'certificates'));
    writeFileSync(join(cwd, 'certificates/company-root.pem'), '-----BEGIN CERTIFICATE-----\n');
    const file = loadConfigFile('config.json', cwd);
    const settings = normalize({ flags: new Map(), env: {}, cwd, home: cwd, file });
    expect(settings).toMatchObject({
      targets: ['api.anthropic.com', '*.example.com'],
      seed: '42',
      scenario: 'flaky',
      timeScale: 0.5,
      forMs: 600_000,
      bounds: { maxErrors: 100, onlyPath: '/v1/**' },
      stateDir: join(cwd, 'state'),
      caKey: join(cwd, 'certificates/test-ca.key'),
      flat: { body: '{"type":"error","error":{"type":"rate_limit_error","message":"Slow down."}}' },
    });
    expect(armRules(settings, '42').rules.map(({ name }) => name)).toEqual([
      'opus-overload',
      'slow',
      'default',
      'flaky.flaky.streams',
      'flaky.flaky',
      'flaky.flaky.other',
    ]);
  });
});
