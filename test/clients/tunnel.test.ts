/** The official TypeScript SDK in a tunnel of the fault proxy; Python and Go are in ci/tunnel.test.ts. */
import { describeTunnelClient } from './support/describe-tunnel-client.ts';
import { nodeProgram } from './support/run-program.ts';
import { script } from './support/script.ts';

describeTunnelClient('@anthropic-ai/sdk', {
  program: () => nodeProgram('sdk'),
  script: script(),
  errorName: { 429: 'RateLimitError', 529: 'OverloadedError', 500: 'InternalServerError' },
  retryCount: 'counts',
  streamError: { name: 'APIError', type: 'overloaded_error' },
});
