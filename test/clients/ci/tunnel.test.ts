/** The Python and Go SDKs in tunnels of the fault proxy: a real one where FAULT_BIN names it, else the fake. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll } from 'vitest';
import { describeTunnelClient } from '../support/describe-tunnel-client.ts';
import { script } from '../support/script.ts';
import { installGo, installPython, PYTHON_VERSIONS } from './install.ts';

const PROGRAM = fileURLToPath(new URL('../programs/python_sdk.py', import.meta.url));
const [PYTHON] = PYTHON_VERSIONS.slice(-1) as [(typeof PYTHON_VERSIONS)[number]];

let go: string;
let python: string;
beforeAll(() => {
  go = installGo();
  python = join(installPython(PYTHON), 'bin', 'python');
});

describeTunnelClient(`Python anthropic ${PYTHON}`, {
  program: () => [python, PROGRAM],
  script: script(),
  errorName: { 429: 'RateLimitError', 529: 'OverloadedError', 500: 'InternalServerError' },
  retryCount: 'counts',
  streamError: { name: 'APIStatusError', status: 200 },
});

describeTunnelClient('Go anthropic-sdk-go', {
  program: () => [go],
  script: script(),
  errorName: { 429: 'anthropic.Error', 529: 'anthropic.Error', 500: 'anthropic.Error' },
  retryCount: 'counts',
  streamError: { name: 'anthropic.Error', status: 200 },
});
