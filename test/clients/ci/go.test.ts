/** The Go SDK, its version pinned by go.mod. */
import { beforeAll } from 'vitest';
import { describeClient } from '../support/describe-client.ts';
import { script } from '../support/script.ts';
import { installGo } from './install.ts';

let program: string;
beforeAll(() => {
  program = installGo();
});

describeClient('Go anthropic-sdk-go', {
  routes: ['base URL', 'CONNECT', 'run'],
  program: () => [program],
  script: script(),
  errorName: { 429: 'anthropic.Error', 529: 'anthropic.Error', 500: 'anthropic.Error' },
  retryCount: 'counts',
});
