/** Every scenario, run whole against the TypeScript SDK. The Python SDK runs in CI (`python.check.ts`). */
import { ClientProcess } from '../behaviour/client-process.ts';
import { describeWholeRuns } from './describe-whole-runs.ts';

const LIMITED = { must: ['RateLimitError 429'] };
const OVERLOADED = { must: ['OverloadedError 529'] };
/** A connection that breaks before the head, and in the middle of an answer. */
const BROKEN = ['APIConnectionError', 'TypeError', 'AnthropicError'];

describeWholeRuns(
  () => new ClientProcess('anthropic.mjs'),
  {
    'overload-burst': OVERLOADED,
    'overload-hours': OVERLOADED,
    'overload-in-stream': { must: ['APIError'] },
    'server-errors': { must: ['InternalServerError 500'] },
    'input-token-limit': LIMITED,
    'throttle-without-hints': LIMITED,
    'spend-cap': { must: ['EnforcedSpendLimitReachedError 429'] },
    'edge-failures': { must: ['ServiceUnavailableError 503'], may: ['APIConnectionError'] },
    'cloudflare-timeouts': {
      must: ['GatewayTimeoutError 504', 'InternalServerError 520', 'InternalServerError 522'],
    },
    'silent-stall': { must: [] },
    'connection-resets': { must: ['APIConnectionError'], may: BROKEN },
    'auth-outage': { must: ['AuthenticationError 401'] },
    healthy: { must: [] },
    brownout: OVERLOADED,
    blackout: { must: ['APIConnectionError'] },
  },
  150,
);
