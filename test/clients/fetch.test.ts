/** The fetch of the Node that runs the tests; CI runs this file on every supported one. */
import { describeClient } from './support/describe-client.ts';
import { nodeProgram } from './support/run-program.ts';
import { script } from './support/script.ts';

describeClient(`fetch of Node ${process.versions.node}`, {
  routes: ['base URL', 'run'],
  program: () => nodeProgram('fetch'),
  script: script(),
  errorName: { 429: 'Error', 529: 'Error', 500: 'Error' },
  retryCount: 'absent',
});
