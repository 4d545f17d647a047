/** The official TypeScript SDK: what it makes of each answer, and its retries as the proxy sees them. */
import { describeClient } from './support/describe-client.ts';
import { script } from './support/script.ts';

describeClient('@anthropic-ai/sdk', {
  program: 'sdk',
  script: script(),
  errorName: { 429: 'RateLimitError', 529: 'OverloadedError', 500: 'InternalServerError' },
  retryCount: 'counts',
});
