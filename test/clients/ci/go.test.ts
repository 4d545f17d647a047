/** The Go SDK, its version pinned by go.mod. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll } from 'vitest';
import { describeClient } from '../support/describe-client.ts';
import { script } from '../support/script.ts';
import { install } from './install.ts';

let program: string;
beforeAll(() => {
  const source = fileURLToPath(new URL('go', import.meta.url));
  const folder = install('.clients/go-anthropic-1.84.0', (here) => [
    ['go', 'build', '-C', source, '-o', join(here, 'calls'), '.'],
  ]);
  program = join(folder, 'calls');
});

describeClient('Go anthropic-sdk-go', {
  routes: ['base URL', 'CONNECT', 'run'],
  program: () => [program],
  script: script(),
  errorName: { 429: 'anthropic.Error', 529: 'anthropic.Error', 500: 'anthropic.Error' },
  retryCount: 'counts',
});
