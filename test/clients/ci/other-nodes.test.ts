/** `run` on this Node, the program on another: which of the two ways to the proxy it needs is its own version's business. */
import { join } from 'node:path';
import { beforeAll } from 'vitest';
import { describeClient } from '../support/describe-client.ts';
import { nodeProgram } from '../support/run-program.ts';
import { script } from '../support/script.ts';
import { install } from './install.ts';

for (const major of [20, 22, 24, 26]) {
  const packageName = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
  let node: string;
  beforeAll(() => {
    const folder = install(`.nodes/${major}`, (here) => [
      ['npm', 'install', '--no-save', '--prefix', here, `${packageName}@${major}`],
    ]);
    node = join(folder, 'node_modules', packageName, 'bin', 'node');
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
