/** Bad input: one sentence with the cure on stderr, exit code 2, no stack trace, nothing started, nothing overwritten. */
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Cli, testCli } from '../run/cli.ts';
import { atEnd } from '../support/proxy.ts';
import { writeCertificate } from './certificates.ts';

type Files = Readonly<Record<string, string>>;
type Row = [args: string, sentence: string | RegExp, files?: Files];

/** Bad flags of a start. Each start would otherwise run: `--for 1ms` ends it, and the exit code would be 0. */
const FLAGS: Row[] = [
  ['--prot 1', /^there is no flag --prot\. Did you mean --port\?$/],
  ['--eror-probability 0.5', /^there is no flag --eror-probability\. Did you mean --error-probability\?$/],
  ['--error_probability=0.5', /^there is no flag --error_probability\. Did you mean --error-probability\?$/],
  ['-x', /^there is no flag -x\. See anthropic-error-plugin --help\.$/],
  ['--error-probability 1.01', '--error-probability must be a number from 0 to 1, such as 0.3, not 1.01.'],
  ['--error-probability -0.1', '--error-probability must be a number from 0 to 1, such as 0.3, not -0.1.'],
  ['--error-probability 30%', '--error-probability must be a number from 0 to 1, such as 0.3, not "30%".'],
  ['--error-probability NaN', '--error-probability must be a number from 0 to 1, such as 0.3, not "NaN".'],
  ['--error-probability=', '--error-probability must be a number from 0 to 1, such as 0.3, not "".'],
  ['--error-probability 0,5', '--error-probability must be a number from 0 to 1, such as 0.3, not "0,5".'],
  ['--status-code 399', '--status-code must be a whole number from 400 to 599, not 399.'],
  ['--status-code 600', '--status-code must be a whole number from 400 to 599, not 600.'],
  ['--status-code 429.5', '--status-code must be a whole number from 400 to 599, not 429.5.'],
  ['--status-code teapot', '--status-code must be a whole number from 400 to 599, not "teapot".'],
  ['--proxy-port 65536', /^--proxy-port must be a port, .* not 65536\.$/],
  ['--proxy-port http', /^--proxy-port must be a port, .* not "http"\.$/],
  ['--max-errors -1', '--max-errors must be a whole number, 0 or more, not -1.'],
  ['--max-errors 1.5', '--max-errors must be a whole number, 0 or more, not 1.5.'],
  ['--error-body {oops', /^--error-body is not JSON \(.*\): give JSON text such as .*, or @FILE\.$/],
  ['--error-body @body.json', /^--error-body: .*body\.json is not JSON/, { 'body.json': '<html>' }],
  ['--error-body @none.json', /^the file of --error-body, .*none\.json, does not exist: check the path\.$/],
  ['--header nonsense', /^--header must be 'Name: value', such as 'x-region: eu'\.$/],
  ['--header __proto__:1', /^--header: __proto__ is not a key, nor a name/],
  ['--header x@y:1', /"x@y" is not a header name/],
  ['--header content-length:5', /header content-length cannot be set/],
  ['--header Transfer-Encoding:chunked', /header Transfer-Encoding cannot be set/],
  ['--header connection:upgrade', /connection: upgrade cannot be set/],
  ['--header x-a:a\u0000b', /^--header: the value of header x-a holds a line break or another character/],
  ['--header x-a:1\r\nx-b:2', /^--header: the value of header x-a holds a line break or another character/],
  [
    '--retry-after soon',
    '--retry-after must be seconds, such as 30 or 2m, or absent, not "soon"; a config file may hold a text that is sent as it stands.',
  ],
  ['--retry-after=-5', /^--retry-after must be seconds, .* not "-5"; a config file may hold/],
  ['--retry-after absnt', /^--retry-after must be seconds, .* not "absnt"; a config file may hold/],
  ['--retry-after=', /^--retry-after must be seconds, .* not ""; a config file may hold/],
  ['--retry-after 1.5s', /^--retry-after: retry-after holds whole seconds/],
  ['--messages fake', '--messages must be simulated or real, not "fake".'],
  ['--log-format xml', '--log-format must be pretty or json, not "xml".'],
  ['--only-path v1/messages', /^--only-path must be a path pattern that starts with \/ or \*/],
  ['--for 10', /^--for: "10" is no duration: write a number and its unit/],
  ['--for 25d', /^--for: "25d" is no duration/],
  ['--host 127.0.0.1:80', /^--host must be an address or a name of this machine, .* without a port/],
  ['--target-host https://api.anthropic.com/v1', /^--target-host: .*write the host alone/],
  ['--target-host *.com', /^--target-host: .*write \*\.example\.com/],
  ['--target-host *.example.com', /names only wildcards .* say where with --upstream\.$/],
  ['--upstream ftp://x', /^--upstream must be mock .* or a URL/],
  ['--upstream https://me:hunter2@x', /^--upstream must hold no user name or password(?!.*hunter2)/],
  ['--upstream http://h:0', '--upstream must name a port from 1 to 65535.'],
  ['--upstream-proxy http://u:hunter2@h:0', '--upstream-proxy must name a port from 1 to 65535.'],
  ['--upstream-proxy http://u:%zz@h', /^--upstream-proxy must write a % .* as %25(?!.*zz)/],
  ['--target-host http://me:hunter2@h/x', /^(?!.*hunter2)--target-host: "http:\/\/…@h\/x" is no target host/],
  ['--target-host me:hunter2@h', /^(?!.*hunter2)--target-host: "…@h" has a malformed host, with a user name/],
  ['--host me:hunter2@h', /^(?!.*hunter2)--host must be an address .*, not "…@h"\.$/],
  ['--upstream-proxy socks5://x', /^--upstream-proxy must be the URL of an HTTP proxy/],
  ['--upstream-ca none.pem', /^the file of --upstream-ca, .*none\.pem, does not exist: check the path\.$/],
  ['--upstream-ca a.pem', /^--upstream-ca: .*a\.pem holds no PEM certificate/, { 'a.pem': 'hello' }],
  ['--quiet --verbose', '--quiet and --verbose ask for opposite things: give one of them.'],
  ['--ca-cert a.crt', '--ca-cert is given without --ca-key: give both, or neither to use a CA of its own.'],
  ['--ca-key a.key', '--ca-key is given without --ca-cert: give both, or neither to use a CA of its own.'],
  ['--event-log --quiet', '--event-log needs a value (FILE), and --quiet is a flag.'],
  ['--event-log', /^--event-log needs a value \(FILE\)\./],
  ['--seed=', /^--seed must be a text or a whole number/],
  ['--config none.yaml', /^the file of --config, .*none\.yaml, does not exist: check the path\.$/],
  ['--config .', /^the file of --config, .*, is a directory: name a file in it\.$/],
  [
    '--config a.yaml',
    'a.yaml:2:1: prxy_port is not a key of a config file. Did you mean proxy_port?',
    { 'a.yaml': 'seed: 1\nprxy_port: 1\n' },
  ],
  ['--config a.json', /^a\.json:3:1: this is neither JSON nor YAML: /, { 'a.json': '{\n  "seed": 1,\n' }],
  [
    '--config a.yaml',
    /^a\.yaml:1:20: this is neither JSON nor YAML: /,
    { 'a.yaml': 'target_host: [a.com}\n' },
  ],
  [
    '--config a.yaml',
    /^a\.yaml:2:5: rules\[0\]\.fault: .*overloaded/,
    { 'a.yaml': 'rules:\n  - fault: overlaoded\n' },
  ],
  ['mok', 'there is no command mok. Did you mean mock?'],
  ['http://me:hunter2@h/', 'there is no command http://…@h/. See anthropic-error-plugin --help.'],
  [
    '--config a.yaml',
    /^a\.yaml:1:12: __proto__ is not a key/,
    { 'a.yaml': 'headers: { __proto__: x, x-a: b }\n' },
  ],
  [
    '--config a.yaml',
    /^a\.yaml:1:46: __proto__ is not a key/,
    { 'a.yaml': 'rules: [{ fault: overloaded, when: { all: [{ __proto__: x }] } }]\n' },
  ],
  ['--state-dir x serve', /^there is no command serve\. See anthropic-error-plugin --help\.$/],
];

const COMMANDS: Row[] = [
  ['ca', /^say what to do: anthropic-error-plugin ca show\|export\|path\|rotate\|untrust\.$/],
  ['ca shwo', 'there is no command ca shwo. Did you mean show?'],
  ['ca export', /^anthropic-error-plugin ca export needs FILE: /],
  ['ca export a.crt', /a\.crt exists and is not an exported certificate/, { 'a.crt': 'precious' }],
  ['--export-ca a.crt', /a\.crt exists and is not an exported certificate/, { 'a.crt': 'precious' }],
  ['--export-ca no/a.crt', /^The directory of .*a\.crt does not exist/],
  ['ca show --status-code 500', '--status-code does not go with the command ca show: leave it out.'],
  ['--status-code 500 ca show', '--status-code does not go with the command ca show: leave it out.'],
  ['mock --seed 1', '--seed does not go with the command mock: leave it out.'],
  ['mock --proxy-prot 1', 'there is no flag --proxy-prot. Did you mean --proxy-port?'],
  ['mock --zzzz', 'there is no flag --zzzz. See anthropic-error-plugin mock --help.'],
  ['check', /^anthropic-error-plugin check needs FILE: the config file, JSON or YAML\.$/],
  ['check none.yaml', /^the config file, .*none\.yaml, does not exist: check the path\.$/],
  ['check a.yaml b.yaml', /^check takes one FILE, and more was given\./],
  [
    'explain a.yaml --request g.json',
    /^the file of --request, g\.json, is not JSON \(.*garbage\\n.*\): write \{ "method"/,
    { 'a.yaml': 'status_code: 500\n', 'g.json': 'garbage\n' },
  ],
  ['errors --jsn', /^there is no flag --jsn\. Did you mean --json\?$/],
  ['--upstream mock', /^--upstream has no meaning in plugin mode, .*: leave it out, or add --standalone /],
  [
    '--config a.yaml',
    /^a\.yaml:1:1: upstream has no meaning in plugin mode/,
    { 'a.yaml': 'upstream: mock\n' },
  ],
  ['--upstream-proxy http://p:1', /^--upstream-proxy has no meaning in plugin mode, where fault opens/],
  ['--proxy-port 1', /^--proxy-port belongs to the proxy: add --standalone to run it, or give --port/],
  [
    '--allow-tunnels',
    /^--allow-tunnels belongs to the proxy: add --standalone to run it, or leave it out\.$/,
  ],
  ['--port 70000', /^--port must be .*65535/],
];

/** What is true of every refusal. */
async function refused(cli: Cli, args: readonly string[]): Promise<string> {
  const before = contents(cli.folder);
  const code = await cli.run(...args);
  const [line = '', ...more] = cli.stderr().trimEnd().split('\n');
  expect({ code, stdout: cli.stdout(), more }).toEqual({ code: 2, stdout: '', more: [] });
  expect(line).toMatch(/^error: /);
  expect(contents(cli.folder)).toEqual(before);
  return line.slice('error: '.length);
}

function contents(folder: string): Files {
  return Object.fromEntries(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((file) => [file, readFileSync(file, 'latin1')]),
  );
}

async function expectRefusal(args: readonly string[], sentence: string | RegExp, files: Files = {}) {
  const cli = await testCli();
  for (const [name, text] of Object.entries(files)) writeFileSync(join(cli.folder, name), text);
  const said = await refused(cli, args);
  if (typeof sentence === 'string') expect(said).toBe(sentence);
  else expect(said).toMatch(sentence);
}

describe('a start refuses', () => {
  it.each(FLAGS)('%s', async (args, sentence, files) => {
    await expectRefusal(
      ['--standalone', '--proxy-port', '0', '--for', '1ms', ...args.split(' ')],
      sentence,
      files,
    );
  });

  it('what an output file would destroy', async () => {
    const files = { 'notes.txt': 'precious' };
    const start = ['--standalone', '--proxy-port', '0', '--for', '1ms'];
    await expectRefusal(
      [...start, '--event-log', 'notes.txt'],
      /notes\.txt exists and is no event log: it stays as it is/,
      files,
    );
    await expectRefusal(
      [...start, '--ready-file', 'notes.txt'],
      /notes\.txt exists and is no ready file: it stays as it is/,
      files,
    );
    await expectRefusal(
      [...start, '--event-log', 'no/e.jsonl'],
      /^the directory of the event log .* does not exist/,
    );
    await expectRefusal(
      [...start, '--ready-file', 'no/r.json'],
      /^the directory of the ready file .* does not exist/,
    );
    await expectRefusal([...start, '--event-log', '.'], /is a directory: name a file in it/);
  });

  it('a variable that names no setting', async () => {
    const cli = await testCli({ AEP_STATUS: '500' });
    expect(await refused(cli, ['--standalone'])).toBe(
      'the environment variable AEP_STATUS is no setting. Did you mean AEP_STATUS_CODE?',
    );
  });
});

describe('a command refuses', () => {
  it.each(COMMANDS)('%s', async (args, sentence, files) => {
    const cli = await testCli();
    for (const [name, text] of Object.entries(files ?? {})) writeFileSync(join(cli.folder, name), text);
    const code = await cli.run(...args.split(' ').filter(Boolean));
    const said = cli.stderr().trimEnd();
    expect([code, cli.stdout()]).toEqual([2, '']);
    if (typeof sentence === 'string') expect(said).toBe(`error: ${sentence}`);
    else expect(said.replace(/^error: /, '')).toMatch(sentence);
    expect(said).not.toContain('\n');
    for (const [name, text] of Object.entries(files ?? {}))
      expect(readFileSync(join(cli.folder, name), 'utf8')).toBe(text);
  });
});

describe('a CA of the user is refused', () => {
  /** A good pair, one that is no CA, one that expired, and a file that is nothing. */
  async function withCertificates(): Promise<Cli> {
    const cli = await testCli();
    writeCertificate(cli.folder, 'good');
    writeCertificate(cli.folder, 'leaf', { isCa: false });
    writeCertificate(cli.folder, 'old', { expired: true });
    writeFileSync(join(cli.folder, 'junk.crt'), 'junk');
    return cli;
  }

  it.each([
    ['missing', 'none.crt', 'good.key', /none\.crt/],
    ['without its key', 'good.crt', 'none.key', /none\.key/],
    ['that is no certificate', 'junk.crt', 'good.key', /junk\.crt/],
    ['that is no CA', 'leaf.crt', 'leaf.key', /leaf\.crt .*(not a CA|no CA|CA)/],
    ['that expired', 'old.crt', 'old.key', /old\.crt .*expired/],
    ['whose key is another', 'good.crt', 'leaf.key', /good\.crt.*leaf\.key|leaf\.key.*good\.crt/],
    ['with a certificate for a key', 'good.crt', 'good.crt', /good\.crt/],
  ])('%s', async (_name, cert, key, sentence) => {
    const cli = await withCertificates();
    const said = await refused(cli, [
      '--standalone',
      '--proxy-port',
      '0',
      '--for',
      '1ms',
      '--ca-cert',
      cert,
      '--ca-key',
      key,
    ]);
    expect(said).toMatch(sentence);
  });
});

describe('a port in use', () => {
  it('is told with a way out, and an older event log stays', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    atEnd(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const cli = await testCli();
    const log = join(cli.folder, 'e.jsonl');
    writeFileSync(log, '{"v":1,"at":1,"type":"notice"}\n');
    const code = await cli.run(
      '--standalone',
      '--proxy-port',
      String(port),
      '--upstream',
      'mock',
      '--event-log',
      log,
    );
    expect([code, cli.stdout()]).toEqual([2, '']);
    expect(cli.stderr()).toMatch(new RegExp(`^error: .*port ${port}.*--proxy-port.*\\n$`));
    expect(readFileSync(log, 'utf8')).toBe('{"v":1,"at":1,"type":"notice"}\n');
    expect(await cli.run('mock', '--proxy-port', String(port))).toBe(2);
  });

  it('of another machine is refused as well', async () => {
    const cli = await testCli();
    expect(await cli.run('--standalone', '--host', '203.0.113.1', '--proxy-port', '0', '--for', '1ms')).toBe(
      2,
    );
    expect(cli.stderr()).toMatch(/^error: .*203\.0\.113\.1.*\n$/);
  });
});
