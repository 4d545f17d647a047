/** The plugin's six RPCs by a client that another tool made of `plugin.proto`: grpcio-tools, for Python. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, expect, it } from 'vitest';
import { testPlugin } from '../../grpc/support.ts';
import { testRules } from '../../support/rules.ts';
import { install, ROOT } from './install.ts';

const run = promisify(execFile);
const PROTO = join(ROOT, 'src', 'grpc', 'proto');
let folder = '';

beforeAll(() => {
  folder = install('.clients/python-grpc-1.71.0', (here) => [
    ['python3', '-m', 'venv', here],
    [join(here, 'bin', 'pip'), 'install', '--quiet', '--disable-pip-version-check', 'grpcio-tools==1.71.0'],
  ]);
});

it('answers every call, and every bad message with a clear status', async () => {
  const python = join(folder, 'bin', 'python');
  const out = [`-I${PROTO}`, `--python_out=${folder}`, `--grpc_python_out=${folder}`, 'plugin.proto'];
  await run(python, ['-m', 'grpc_tools.protoc', ...out]);
  const plugin = await testPlugin({
    rules: testRules(() => ({
      do: 'respond',
      status: 529,
      reason: 'Overloaded',
      headers: [['content-type', 'application/json']],
      body: Buffer.from('{}'),
    })),
  });
  const { stdout } = await run(python, [
    join(ROOT, 'test', 'clients', 'ci', 'plugin_calls.py'),
    `${plugin.port}`,
    folder,
  ]);
  expect(JSON.parse(stdout)).toEqual({
    health: true,
    info: ['anthropic-error-plugin', 1, 2],
    capabilities: [true, true, [1, 2]],
    request: [1, 529],
    response: '5',
    'request without a request': 'INVALID_ARGUMENT',
    'answer of an unknown tunnel': 'pass_through',
    'empty block': 'pass_through',
    'huge block': 'pass_through',
    'wrong side': 'close',
    'no id': 'INVALID_ARGUMENT',
    'upstream first': 'pass_through',
    'client second': 'pass_through',
    'health afterwards': true,
  });
});
