/** `run` on this Node, the program on another: which of the two ways to the proxy it needs is its own version's business. */
import { beforeAll } from 'vitest';
import { describeClient } from '../support/describe-client.ts';
import { nodeProgram } from '../support/run-program.ts';
import { script } from '../support/script.ts';
import { installNode } from './install.ts';

for (const major of [20, 22, 24, 26]) {
  let node: string;
  beforeAll(() => {
    node = installNode(major);
  });
  for (const program of ['fetch', 'sdk-plain'])
    describeClient(`${program} on Node ${major}`, {
      routes: ['run'],
      program: () => nodeProgram(program, node),
      script: script(),
      errorName:
        program === 'fetch'
          ? { 429: 'Error', 529: 'Error', 500: 'Error' }
          : { 429: 'RateLimitError', 529: 'OverloadedError', 500: 'InternalServerError' },
      retryCount: program === 'fetch' ? 'absent' : 'counts',
    });
}
