/** `explain` and `schema` on good files: their text, as a user reads it. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { FLAGS } from '../../src/config/flags.ts';
import { faultCatalogue } from '../../src/core/faults/catalogue.ts';
import { type Cli, testCli } from '../run/cli.ts';

const FILE = `
seed: 42
rules:
  - name: protect-models
    when: { path: /v1/models/** }
    pass: true
  - name: opus-overload
    when: { model: claude-opus-* }
    trigger: { first: 2 }
    fault: overloaded
  - name: flaky
    trigger: { probability: 0.3 }
    limit: { times: 1 }
    fault: { kind: http-error, status: 500 }
`;

async function withFiles(files: Readonly<Record<string, string>>): Promise<Cli> {
  const cli = await testCli();
  for (const [name, text] of Object.entries(files)) await writeFile(join(cli.folder, name), text);
  return cli;
}

it('says which rule acts on which call, and why the others do not', async () => {
  const cli = await withFiles({
    'aep.yaml': FILE,
    'req.json': '{ "path": "/v1/messages?beta=true", "body": { "model": "claude-opus-4-5" } }',
  });
  expect(await cli.run('explain', 'aep.yaml', '--request', 'req.json', '--n', '8')).toBe(0);
  expect(cli.stdout()).toMatchInlineSnapshot(`
    "8 calls, one after the other: POST api.anthropic.com/v1/messages

    opus-overload acts on 2 calls: 1-2
    never: protect-models, flaky
    6 calls pass: 3-8

    1  rule opus-overload fires on its match 1: fires on the first 2: http-error.
         protect-models: not so: path matches /v1/models/**
         flaky: rule opus-overload, above it, took the call
    2  rule opus-overload fires on its match 2: fires on the first 2: http-error.
    3  passes: rule opus-overload does not fire on its match 3: fires on the first 2; rule flaky does not fire on its match 3: drew 0.477, fires below 0.3.
    4  passes: rule opus-overload does not fire on its match 4: fires on the first 2; rule flaky does not fire on its match 4: drew 0.4078, fires below 0.3.
    5  passes: rule opus-overload does not fire on its match 5: fires on the first 2; rule flaky does not fire on its match 5: drew 0.8884, fires below 0.3.
    6  passes: rule opus-overload does not fire on its match 6: fires on the first 2; rule flaky does not fire on its match 6: drew 0.4154, fires below 0.3.
    7  passes: rule opus-overload does not fire on its match 7: fires on the first 2; rule flaky does not fire on its match 7: drew 0.9014, fires below 0.3.
    8  passes: rule opus-overload does not fire on its match 8: fires on the first 2; rule flaky does not fire on its match 8: drew 0.4681, fires below 0.3.
    "
  `);
});

it('says of one call what becomes of it', async () => {
  const cli = await withFiles({ 'aep.yaml': FILE.replace('seed: 42', '') });
  expect(await cli.run('explain', 'aep.yaml')).toBe(0);
  expect(cli.stdout()).toMatchInlineSnapshot(`
    "One call: POST api.anthropic.com/v1/messages

    1  passes: rule flaky does not fire on its match 1: drew 0.7403, fires below 0.3.
         protect-models: not so: path matches /v1/models/**
         opus-overload: not so: model matches claude-opus-*

    note: the file has no seed, so each start draws other calls; seed: 42 would make them the same.
    "
  `);
});

it('lets time go by between calls', async () => {
  const cli = await withFiles({
    'aep.yaml': `
rules:
  - name: outage
    trigger: { window: { from: 30s, for: 45s } }
    fault: overloaded
  - name: refused
    fault: { kind: disconnect, how: reset, at: request }
`,
  });
  expect(await cli.run('explain', 'aep.yaml', '--n', '10', '--interval', '10s', '--json')).toBe(0);
  const rules = cli
    .stdout()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { rule: string; effects: string[] });
  expect(rules.map(({ rule }) => rule).join(' ')).toBe(
    'refused refused refused outage outage outage outage outage refused refused',
  );
  expect(rules[3]!.effects).toEqual(['respond']);
});

const CONNECTIONS = `
seed: 42
max_errors: 4
only_path: /v1/messages
rules:
  - name: protect-plain
    when: { via: origin }
    pass: true
  - name: bad-certificate
    trigger: { first: 1 }
    fault: { kind: tls, flaw: expired }
  - name: slow
    trigger: { nth: 3 }
    fault: { kind: slow-accept, delay: 1s }
  - name: refused
    when: { sni: api.anthropic.com }
    fault: { kind: refuse-connect }
  - name: overloaded
    fault: overloaded
`;

it('says what becomes of the connection of a call, and keeps within max_errors', async () => {
  const cli = await withFiles({ 'aep.yaml': CONNECTIONS });
  expect(await cli.run('explain', 'aep.yaml', '--n', '5')).toBe(0);
  expect(cli.stdout()).toMatchInlineSnapshot(`
    "5 calls, one after the other, each on a connection of its own: POST api.anthropic.com/v1/messages

    bad-certificate acts on 1 connection: 1
    slow acts on 1 connection: 3
    overloaded acts on 2 calls: 2-3
    never: protect-plain, refused
    2 calls pass: 4-5

    1  its connection: rule bad-certificate fires on its match 1: fires on the first 1: tls; no call comes through, unless the client takes any certificate.
         protect-plain: not so: the client comes by origin
         slow: rule bad-certificate, above it, took the connection
         refused: not so: server name is api.anthropic.com
    2  rule overloaded fires on its match 1: fires always: http-error.
         bad-certificate: rule bad-certificate does not fire on its match 2: fires on the first 1
         slow: rule slow does not fire on its match 2: fires on the 3rd
    3  its connection: rule slow fires on its match 3: fires on the 3rd: slow-accept.
       rule overloaded fires on its match 2: fires always: http-error.
         bad-certificate: rule bad-certificate does not fire on its match 3: fires on the first 1
    4  max_errors: 4 errors were injected, so all calls pass now.
    5  max_errors: 4 errors were injected, so all calls pass now.

    note: only_path /v1/messages holds back what acts on calls; a connection has no path yet, so what acts on connections acts on all.
    "
  `);
});

it('keeps within only_path, and says what that cannot hold back', async () => {
  const cli = await withFiles({ 'aep.yaml': CONNECTIONS, 'req.json': '{ "path": "/v1/models" }' });
  expect(await cli.run('explain', 'aep.yaml', '--request', 'req.json', '--n', '2')).toBe(0);
  expect(cli.stdout()).toMatchInlineSnapshot(`
    "2 calls, one after the other, each on a connection of its own: POST api.anthropic.com/v1/models

    bad-certificate acts on 1 connection: 1
    never: protect-plain, slow, refused
    1 call passes: 2

    1  its connection: rule bad-certificate fires on its match 1: fires on the first 1: tls; no call comes through, unless the client takes any certificate.
         protect-plain: not so: the client comes by origin
         slow: rule bad-certificate, above it, took the connection
         refused: not so: server name is api.anthropic.com
    2  only_path: only calls to /v1/messages may fail.
         bad-certificate: rule bad-certificate does not fire on its match 2: fires on the first 1
         slow: rule slow does not fire on its match 2: fires on the 3rd

    note: only_path /v1/messages holds back what acts on calls; a connection has no path yet, so what acts on connections acts on all.
    "
  `);
});

it('says what cannot act on a plain connection, and asks no such rule about an open one', async () => {
  const file = 'seed: 1\nrules:\n  - fault: { kind: tls, flaw: alert }\n';
  const cli = await withFiles({
    'aep.yaml': file,
    'plain.json': '{ "via": "origin" }',
    'open.json': '{ "reused": true }',
  });
  const explain = async (...args: string[]): Promise<Record<string, unknown>> => {
    expect(await cli.run('explain', 'aep.yaml', '--json', ...args)).toBe(0);
    return JSON.parse(cli.stdout().trim().split('\n').at(-1)!) as Record<string, unknown>;
  };
  expect(await explain()).toMatchObject({
    call: 1,
    made: false,
    ordinal: 0,
    connection: { rule: 'tls-1', effects: ['tls'], ends: true },
  });
  expect(await explain('--request', 'plain.json')).toMatchObject({
    made: true,
    connection: { effects: [], ends: false, why: expect.stringContaining('tls is skipped: there is no TLS') },
  });
  expect(await explain('--request', 'open.json')).not.toHaveProperty('connection');
});

it.each([
  ['{ "path": "v1" }', 'req.json: path: a path begins with /'],
  ['{ "pth": "/v1" }', '"pth" is no part of a request'],
  ['[]', 'must be a JSON object'],
  ['{', 'is not JSON'],
])('refuses the request %s', async (request, says) => {
  const cli = await withFiles({ 'aep.yaml': FILE, 'req.json': request });
  expect(await cli.run('explain', 'aep.yaml', '--request', 'req.json')).toBe(2);
  expect(cli.stderr()).toContain(says);
  expect(cli.stdout()).toBe('');
});

it.each([
  [['--n', '0'], '--n must be'],
  [['--n', 'many'], '--n must be'],
  [['--interval', 'soon'], '--interval must be'],
  [['--request', 'none.json'], 'none.json, does not exist'],
])('refuses %j', async (args, says) => {
  const cli = await withFiles({ 'aep.yaml': FILE });
  expect(await cli.run('explain', 'aep.yaml', ...args)).toBe(2);
  expect(cli.stderr()).toContain(says);
});

it('prints a schema with every key, rule and fault', async () => {
  const cli = await testCli();
  expect(await cli.run('schema')).toBe(0);
  const schema = JSON.parse(cli.stdout()) as {
    properties: Record<string, { description?: string }>;
    additionalProperties: boolean;
    $defs: Record<string, { anyOf?: { properties?: { kind: { const: string } } }[] }>;
  };
  const keys = FLAGS.flatMap(({ key }) => key ?? []);
  expect(Object.keys(schema.properties).sort()).toEqual([...keys, 'rules'].sort());
  for (const key of keys) expect(schema.properties[key]?.description, key).toBeTruthy();
  expect(schema.additionalProperties).toBe(false);
  expect(Object.keys(schema.$defs).sort()).toEqual(['fault', 'rule', 'trigger', 'when']);
  const kinds = schema.$defs.fault!.anyOf!.flatMap(({ properties }) => properties?.kind.const ?? []);
  for (const kind of faultCatalogue.keys()) expect(kinds).toContain(kind);
});
