/** How the sources of settings are merged. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { directoryWith, problemOf, settings } from './support.ts';

describe('precedence', () => {
  it('is flag, environment, file, default', () => {
    const file = 'proxy_port: 1001\nstatus_code: 501\nerror_probability: 0.5\n';
    const env = { AEP_PROXY_PORT: '1002', AEP_STATUS_CODE: '502' };
    const merged = settings({ flags: { '--proxy-port': '1003' }, env, file });
    expect([merged.proxyPort, merged.flat.status, merged.flat.probability, merged.port]).toEqual([
      1003, 502, 0.5, 50051,
    ]);
    expect(merged.origin.get('proxy_port')).toBe('--proxy-port');
    expect(merged.origin.get('status_code')).toBe('AEP_STATUS_CODE');
    expect(merged.origin.get('error_probability')).toBe('faults.yaml:3:1: error_probability');
    expect(merged.origin.has('port')).toBe(false);
  });

  it('lets 0, false and a default that is given count as given', () => {
    const file = 'error_probability: 0.5\nquiet: true\nmarker: false\nstatus_code: 529\n';
    const merged = settings({
      flags: { '--error-probability': '0', '--quiet': false, '--status-code': '500' },
      env: { AEP_MARKER: 'true' },
      file,
    });
    expect([merged.flat.probability, merged.quiet, merged.marker, merged.flat.status]).toEqual([
      0,
      false,
      true,
      500,
    ]);
  });

  it('takes an empty variable as not set', () => {
    const merged = settings({ env: { AEP_SEED: '', AEP_STATUS_CODE: '' }, file: 'status_code: 529' });
    expect([merged.flat.status, merged.seed]).toEqual([529, undefined]);
  });

  it('checks a value of the file even where a flag wins', () => {
    const given = { flags: { '--status-code': '500' }, file: 'status_code: 200' } as const;
    expect(problemOf(() => settings(given))).toBe(
      'faults.yaml:1:1: status_code must be a whole number from 400 to 599, not 200',
    );
  });
});

describe('lists', () => {
  const file = 'target_host: [a.example.com, b.example.com]\nheaders: { x-a: "1", x-b: "2" }\n';

  it('replace those of the file whole', () => {
    const merged = settings({
      flags: { '--target-host': ['c.example.com', 'd.example.com'], '--header': ['X-C: 3'] },
      file,
    });
    expect(merged.targets).toEqual(['c.example.com', 'd.example.com']);
    expect(merged.flat.headers).toEqual({ 'X-C': '3' });
  });

  it('stand between commas in the environment, headers on lines', () => {
    const merged = settings({
      env: { AEP_TARGET_HOST: 'c.example.com, d.example.com', AEP_HEADERS: 'x-c: 3\nx-d: a: b\n' },
      file,
    });
    expect(merged.targets).toEqual(['c.example.com', 'd.example.com']);
    expect(merged.flat.headers).toEqual({ 'x-c': '3', 'x-d': 'a: b' });
  });

  it('repeat a header that is given twice, whatever its case', () => {
    const { flat } = settings({ flags: { '--header': ['X-A: 1', 'x-a: 2'] } });
    expect(flat.headers).toEqual({ 'X-A': ['1', '2'] });
  });
});

describe('paths', () => {
  it('start at the working directory, those of a file at the file', () => {
    const merged = settings({
      flags: { '--event-log': 'e.jsonl' },
      env: { AEP_READY_FILE: 'r.json' },
      file: 'state_dir: state\n',
      cwd: '/work-dir',
      directory: '/etc/faults',
    });
    expect([merged.eventLog, merged.readyFile, merged.stateDir]).toEqual([
      '/work-dir/e.jsonl',
      '/work-dir/r.json',
      '/etc/faults/state',
    ]);
  });

  it('know the home directory, which no shell expands in a file', () => {
    expect(settings({ file: 'state_dir: ~/aep' }).stateDir).toBe('/home/ada/aep');
  });

  it('leave an absolute path alone', () => {
    expect(settings({ file: 'event_log: /var/log/e.jsonl' }).eventLog).toBe('/var/log/e.jsonl');
  });
});

describe('the error body', () => {
  it('is kept byte for byte as text, and compact from a map', () => {
    expect(settings({ flags: { '--error-body': '{ "a" : 1 }' } }).flat.body).toBe('{ "a" : 1 }');
    expect(settings({ file: 'error_body: { a: 1, b: [x] }' }).flat.body).toBe('{"a":1,"b":["x"]}');
  });

  it('is read from @FILE, beside the config file where that names it', () => {
    const directory = directoryWith({ 'body.json': '\uFEFF{"a": 2}\n' });
    const text = '{"a": 2}\n';
    expect(settings({ file: 'error_body: "@body.json"', directory }).flat.body).toBe(text);
    expect(settings({ flags: { '--error-body': '@body.json' }, cwd: directory }).flat.body).toBe(text);
  });

  it('is refused when its file holds no JSON or is not there', () => {
    const cwd = directoryWith({ 'body.json': '{' });
    expect(problemOf(() => settings({ flags: { '--error-body': '@body.json' }, cwd }))).toMatch(
      /^--error-body: .*body\.json is not JSON \(.*\): give JSON text/,
    );
    expect(problemOf(() => settings({ flags: { '--error-body': '@nope.json' }, cwd }))).toBe(
      `the file of --error-body, ${join(cwd, 'nope.json')}, does not exist: check the path`,
    );
  });
});

describe('the seed', () => {
  it('is the same as an integer and as its text', () => {
    const texts = [
      settings({ file: 'seed: 42' }),
      settings({ file: 'seed: "42"' }),
      settings({ flags: { '--seed': '42' } }),
    ].map(({ seed }) => seed);
    expect(texts).toEqual(['42', '42', '42']);
  });

  it('may be any text, but no fraction, and no integer that has lost digits', () => {
    expect(settings({ flags: { '--seed': 'höhö 1' } }).seed).toBe('höhö 1');
    for (const seed of ['1.5', '12345678901234567890', '""', 'true'])
      expect(
        problemOf(() => settings({ file: `seed: ${seed}` })),
        seed,
      ).toContain('write other numbers in quotes');
  });
});

describe('the way out of the network', () => {
  it('is that of the environment, as in curl', () => {
    const env = { HTTPS_PROXY: 'http://b:1', https_proxy: 'a:3128', NO_PROXY: 'x', no_proxy: 'y' };
    expect(settings({ env }).noProxy).toBe('y');
    expect(settings({ env }).upstreamProxy?.href).toBe('http://a:3128/');
    expect(settings({ env: { HTTPS_PROXY: '' } }).upstreamProxy).toBeUndefined();
  });

  it('is the flag where one is given, whatever the environment says', () => {
    const env = { HTTPS_PROXY: 'socks5://b:1' };
    const { upstreamProxy } = settings({ flags: { '--upstream-proxy': 'https://c:2' }, env });
    expect(upstreamProxy?.href).toBe('https://c:2/');
    expect(problemOf(() => settings({ env }))).toContain('HTTPS_PROXY is not the URL of an HTTP proxy');
  });

  it('never shows the password in an error', () => {
    for (const given of [
      { flags: { '--upstream-proxy': 'ftp://me:hunter2@c:2' } },
      { env: { HTTPS_PROXY: 'ftp://me:hunter2@c' } },
      { flags: { '--upstream': 'https://me:hunter2@c' } },
      { file: 'upstream_proxy: ftp://me:hunter2@c:2' },
    ])
      expect(problemOf(() => settings(given))).not.toContain('hunter2');
  });
});

describe('the flat keys', () => {
  it('are one rule named default', () => {
    const { rules } = settings({
      flags: {
        '--only-path': '/v1/messages',
        '--max-errors': '3',
        '--retry-after': '7',
        '--status-code': '429',
      },
    });
    expect(rules).toEqual([
      {
        name: 'default',
        when: { path: '/v1/messages' },
        trigger: { probability: 0.1 },
        limit: { times: 3 },
        fault: { kind: 'http-error', status: 429, retry_after: '7' },
      },
    ]);
  });

  const file = 'rules:\n  - { name: first, trigger: { first: 1 }, fault: overloaded }\n';

  it('make no rule beside rules unless they say something about an error', () => {
    const { rules, bounds } = settings({ file: `${file}max_errors: 5\nonly_path: /v1/*\n` });
    expect(rules).toEqual([{ name: 'first', trigger: { first: 1 }, fault: 'overloaded' }]);
    expect(bounds).toEqual({ maxErrors: 5, onlyPath: '/v1/*' });
  });

  it('make the last rule when they do', () => {
    const { rules } = settings({ flags: { '--status-code': '529' }, file: `${file}max_errors: 5\n` });
    expect(rules).toEqual([
      { name: 'first', trigger: { first: 1 }, fault: 'overloaded' },
      { name: 'default', trigger: { probability: 0.1 }, fault: { kind: 'http-error', status: 529 } },
    ]);
  });
});

describe('the upstream CA', () => {
  it('is read, and refused when it is no certificate', () => {
    const cwd = directoryWith({ 'a.pem': '-----BEGIN CERTIFICATE-----\n', 'b.pem': 'hello' });
    expect(settings({ flags: { '--upstream-ca': 'a.pem' }, cwd }).upstreamCa).toContain('BEGIN CERTIFICATE');
    expect(problemOf(() => settings({ flags: { '--upstream-ca': 'b.pem' }, cwd }))).toContain(
      'holds no PEM certificate',
    );
  });
});
