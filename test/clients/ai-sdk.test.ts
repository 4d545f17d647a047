/** The AI SDK: it counts no attempts in headers, and sends `/messages` to a base URL without `/v1`. */
import { describeClient } from './support/describe-client.ts';
import { nodeProgram } from './support/run-program.ts';
import { script } from './support/script.ts';

describeClient('ai with @ai-sdk/anthropic', {
  routes: ['base URL', 'run'],
  program: () => nodeProgram('ai-sdk'),
  script: script(),
  errorName: { 429: 'AI_APICallError', 529: 'AI_APICallError', 500: 'AI_APICallError' },
  retryCount: 'absent',
});
