/** The official TypeScript SDK: what it makes of each answer, and its retries as the proxy sees them. */
import { type ClientTraits, describeClient } from './support/describe-client.ts';
import { nodeProgram } from './support/run-program.ts';
import { script } from './support/script.ts';

const traits: Omit<ClientTraits, 'routes' | 'program'> = {
  script: script(),
  errorName: { 429: 'RateLimitError', 529: 'OverloadedError', 500: 'InternalServerError' },
  retryCount: 'counts',
};

describeClient('@anthropic-ai/sdk', {
  ...traits,
  routes: ['base URL', 'CONNECT'],
  program: () => nodeProgram('sdk'),
});
describeClient('@anthropic-ai/sdk, not a line changed,', {
  ...traits,
  routes: ['run'],
  program: () => nodeProgram('sdk-plain'),
});
