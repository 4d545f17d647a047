/** The plugin as a process: what it says, to people and to programs, and how it ends. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client, credentials } from '@grpc/grpc-js';
import pc from 'picocolors';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { faultArguments, faultCommand } from '../../src/cli/fault-command.ts';
import { pluginText } from '../../src/cli/plugin-text.ts';
import type { Ready } from '../../src/cli/ready.ts';
import { directoryWith, settings } from '../config/support.ts';
import { buildProgram, type Running, startProgram } from './built-program.ts';

describe('the line for fault', () => {
  const URL = 'http://127.0.0.1:50051';

  it.each([
    [['api.anthropic.com'], 'api.anthropic.com:443'],
    [['a.example.com', 'localhost:7443'], 'a.example.com:443,localhost:7443'],
    [['192.0.2.1', '::1', '[::1]:8443'], '192.0.2.1:443,[::1]:443,[::1]:8443'],
    [['a.example.com', '*.example.com'], '"*"'],
  ])('of %j has a port for each, as fault needs it', (targets, upstream) => {
    expect(faultCommand(faultArguments(URL, targets))).toBe(
      `fault run --grpc-plugin ${URL} --upstream ${upstream}`,
    );
  });
});

describe('the start text', () => {
  const text = (flags: Record<string, string>, rules: readonly string[] = []) => {
    const given = settings({ flags });
    const url = 'http://127.0.0.1:50051';
    const ready: Ready = {
      ...{
        v: 1,
        type: 'ready',
        at: 0,
        url,
        host: '127.0.0.1',
        port: 50051,
        ca: '/s/fault-ca.crt',
        seed: '7',
      },
      ...{ pid: 1, version: '1.2.3', fault: faultArguments(url, given.targets) },
    };
    return pluginText(given, { ready, rules }, pc.createColors(false));
  };

  it('says what fails, how to start fault, what to trust, and the limits', () => {
    const said = text({ '--status-code': '529', '--error-probability': '1' });
    for (const part of [
      'at http://127.0.0.1:50051 (gRPC)',
      'All calls to api.anthropic.com get 529 overloaded_error.',
      '\n  fault run --grpc-plugin http://127.0.0.1:50051 --upstream api.anthropic.com:443\n',
      'The plugin comes first',
      'HTTPS_PROXY=http://127.0.0.1:3180',
      'NODE_EXTRA_CA_CERTS=/s/fault-ca.crt',
      'fault run --grpc-plugin http://127.0.0.1:50051 llm claude',
      'a HEAD / without a key to the real upstream',
      'without :443 it ends with a panic',
      'docs/fault.md',
      '7 (drawn; --seed 7',
    ])
      expect(said).toContain(part);
  });

  it('tells a seed that was given, and an end by itself', () => {
    const said = text({ '--seed': '7', '--for': '90s' });
    expect(said).toMatch(/seed +7\n/);
    expect(said).toContain('Ctrl-C, or by itself after 1 min 30 s');
  });
});

describe('the process', () => {
  let main: string;
  beforeAll(async () => {
    main = await buildProgram();
  }, 60_000);
  const start = (...args: string[]): Running =>
    startProgram(main, [
      '--port',
      '0',
      '--seed',
      '7',
      '--error-probability',
      '1',
      '--status-code',
      '429',
      ...args,
    ]);

  interface Line {
    readonly type: string;
    readonly [key: string]: unknown;
  }
  const lines = (text: string): Line[] =>
    text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Line);

  /** Hands a plain-HTTP request over, encoded by hand: `/v1/messages` at api.anthropic.com. */
  async function call(port: number): Promise<Buffer> {
    const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
    onTestFinished(() => client.close());
    const field = (number: number, bytes: Buffer): Buffer =>
      Buffer.concat([Buffer.from([(number << 3) | 2, bytes.length]), bytes]);
    const text = (number: number, value: string): Buffer => field(number, Buffer.from(value));
    const host = field(3, Buffer.concat([text(1, 'host'), text(2, 'api.anthropic.com')]));
    const request = field(1, Buffer.concat([text(1, 'GET'), text(2, '/v1/models'), host]));
    const same = (bytes: Buffer): Buffer => bytes;
    return new Promise((resolve, reject) => {
      const path = '/plugin.PluginService/ProcessHttpRequest';
      client.makeUnaryRequest(path, same, same, request, (error, value) =>
        error ? reject(error) : resolve(value!),
      );
    });
  }

  it('serves, logs, records and sums up as the proxy does, and ends on a signal', async () => {
    const program = start('--log-format', 'json', '--ready-file', 'r.json', '--event-log', 'e.jsonl');
    await program.until(/\n/);
    const [ready] = lines(program.stdout());
    const file = join(program.folder, 'r.json');
    await expect.poll(() => existsSync(file)).toBe(true);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(ready);
    expect(ready).toMatchObject({
      type: 'ready',
      seed: '7',
      fault: ['run', '--grpc-plugin', ready!.url, '--upstream', 'api.anthropic.com:443'],
    });
    expect(readFileSync(ready!.ca as string, 'utf8')).toContain('BEGIN CERTIFICATE');
    expect((await call(ready!.port as number)).toString('latin1')).toContain('rate_limit_error');
    program.child.kill('SIGINT');
    expect(await program.ended).toBe(0);
    const [, exchange, summary] = lines(program.stdout());
    expect(exchange).toMatchObject({ type: 'exchange', verdict: 'injected', status: 429, via: 'plugin' });
    expect(summary).toMatchObject({ type: 'summary', seen: 1, injected: 1 });
    expect(lines(readFileSync(join(program.folder, 'e.jsonl'), 'utf8')).map(({ type }) => type)).toEqual([
      'rules.armed',
      'exchange.decided',
      'fault.applied',
      'exchange.head',
      'exchange.ended',
      'notice',
    ]);
    expect(program.stderr()).toBe('');
  });

  it('says one line when quiet, and what to look at when nothing came', async () => {
    const program = start('--quiet', '--for', '50ms');
    expect(await program.ended).toBe(0);
    const [first, ...rest] = program.stdout().split('\n');
    expect(first).toMatch(/^listening on http:\/\/127\.0\.0\.1:\d+, seed 7$/);
    expect(rest.join('\n')).toContain(
      'fault did not find the plugin. Start fault with fault run --grpc-plugin http:',
    );
  });

  it('says when fault has found it, and then that fault showed it nothing', async () => {
    const program = start();
    const [, port = ''] = await program.until(/at http:\/\/127\.0\.0\.1:(\d+) \(gRPC\)/);
    const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
    onTestFinished(() => client.close());
    const same = (bytes: Buffer): Buffer => bytes;
    const path = '/plugin.PluginService/GetPluginCapabilities';
    await new Promise<void>((resolve, reject) => {
      client.makeUnaryRequest(path, same, same, Buffer.alloc(0), (error) =>
        error ? reject(error) : resolve(),
      );
    });
    await expect.poll(() => program.stderr()).toMatch(/^note: fault has found the plugin: .*\n$/);
    program.child.kill('SIGINT');
    expect(await program.ended).toBe(0);
    expect(program.stdout()).toContain(
      'fault found the plugin, and showed it no call. Does its --upstream name api.anthropic.com, with the port',
    );
  });

  it('costs the proxy nothing: a standalone start loads no gRPC', async () => {
    const loaded = async (...args: string[]): Promise<string[]> => {
      const folder = directoryWith();
      const program = startProgram(main, [...args, '--for', '1ms'], { NODE_V8_COVERAGE: folder });
      expect(await program.ended).toBe(0);
      return readdirSync(folder)
        .flatMap((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')).result as { url: string }[])
        .flatMap(({ url }) => (url.startsWith('file:') ? [readFileSync(new URL(url), 'utf8')] : []))
        .filter((script) => /\/\/#region node_modules\/@grpc|\/\/ node_modules\/@grpc/.test(script));
    };
    expect(await loaded('--standalone', '--proxy-port', '0')).toHaveLength(0);
    expect(await loaded('--port', '0')).toHaveLength(1);
  });

  it('names the port that is taken, in one sentence', async () => {
    const first = start();
    const [, port = ''] = await first.until(/at http:\/\/127\.0\.0\.1:(\d+) \(gRPC\)/);
    const second = startProgram(main, ['--port', port]);
    expect(await second.ended).toBe(2);
    expect(second.stderr()).toMatch(
      /^error: port \d+ on 127\.0\.0\.1 is taken .* --port \d+, or --port 0 .*\n$/,
    );
    expect(second.stdout()).toBe('');
  });
});
