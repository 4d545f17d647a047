/** The Python SDK from PyPI. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll } from 'vitest';
import { describeClient } from '../support/describe-client.ts';
import { script } from '../support/script.ts';
import { installPython, PYTHON_VERSIONS } from './install.ts';

const PROGRAM = fileURLToPath(new URL('../programs/python_sdk.py', import.meta.url));

for (const version of PYTHON_VERSIONS) {
  let folder: string;
  beforeAll(() => {
    folder = installPython(version);
  });
  describeClient(`Python anthropic ${version}`, {
    routes: ['base URL', 'CONNECT', 'run'],
    program: () => [join(folder, 'bin', 'python'), PROGRAM],
    script: script(),
    errorName: { 429: 'RateLimitError', 529: 'OverloadedError', 500: 'InternalServerError' },
    retryCount: 'counts',
  });
}
