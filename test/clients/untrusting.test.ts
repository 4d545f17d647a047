/** Clients that every machine of ours has, without trust in our CA; curl's is in its own file, the rest in `ci/`. */
import { describeUntrusting } from './support/describe-untrusting.ts';
import { nodeProgram } from './support/run-program.ts';

describeUntrusting([
  {
    title: 'fetch',
    command: () => [...nodeProgram('fetch'), 'json-once'],
    says: 'Node: set NODE_EXTRA_CA_CERTS=',
  },
  {
    title: 'the TypeScript SDK',
    command: () => [...nodeProgram('sdk'), 'json-once'],
    says: 'Node: set NODE_EXTRA_CA_CERTS=',
  },
]);
