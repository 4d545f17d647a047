/** LangChain: it retries around the SDK, an older one, whose own count stays at 0. Its waits are long, so it has to retry once only. */
import { describeClient } from './support/describe-client.ts';
import { nodeProgram } from './support/run-program.ts';
import { script } from './support/script.ts';

describeClient('@langchain/anthropic', {
  routes: ['base URL', 'run'],
  program: () => nodeProgram('langchain'),
  script: script(1),
  errorName: { 429: 'RateLimitError', 529: 'InternalServerError', 500: 'InternalServerError' },
  retryCount: 'always 0',
});
