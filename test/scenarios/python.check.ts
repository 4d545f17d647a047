/** Every scenario, run whole against the Python SDK: the oldest and the newest major that this product speaks of. */
import { join } from 'node:path';
import { beforeAll, describe } from 'vitest';
import { ClientProcess } from '../behaviour/client-process.ts';
import { installPython, PYTHON_VERSIONS } from '../clients/ci/install.ts';
import { describeWholeRuns } from './describe-whole-runs.ts';

const LIMITED = { must: ['RateLimitError 429'] };
const OVERLOADED = { must: ['OverloadedError 529'] };
/** Before the head, and in the middle of an answer, where the SDK lets errors of its HTTP library through. */
const BROKEN = ['APIConnectionError', 'ReadError', 'RemoteProtocolError'];

/** Version 2 names what version 1 called by its status alone. */
const NAMES = {
  '1.13.0': { cap: 'RateLimitError', unavailable: 'InternalServerError', timeout: 'InternalServerError' },
  '2.12.0': {
    cap: 'EnforcedSpendLimitReachedError',
    unavailable: 'ServiceUnavailableError',
    timeout: 'GatewayTimeoutError',
  },
} as const;

for (const version of PYTHON_VERSIONS) {
  const { cap, unavailable, timeout } = NAMES[version];
  let python: string;
  beforeAll(() => {
    python = join(installPython(version), 'bin', 'python');
  });
  describe(`anthropic ${version}`, () => {
    describeWholeRuns(
      () => {
        process.env.AEP_PYTHON = python;
        return new ClientProcess('anthropic_sdk.py');
      },
      {
        'overload-burst': OVERLOADED,
        'overload-hours': OVERLOADED,
        'overload-in-stream': { must: ['APIStatusError 200'] },
        'server-errors': { must: ['InternalServerError 500'] },
        'input-token-limit': LIMITED,
        'throttle-without-hints': LIMITED,
        'spend-cap': { must: [`${cap} 429`] },
        'edge-failures': { must: [`${unavailable} 503`], may: ['APIConnectionError'] },
        'cloudflare-timeouts': {
          must: [`${timeout} 504`, 'InternalServerError 520', 'InternalServerError 522'],
        },
        'silent-stall': { must: [] },
        'connection-resets': { must: ['APIConnectionError'], may: BROKEN },
        'auth-outage': { must: ['AuthenticationError 401'] },
        healthy: { must: [] },
        brownout: OVERLOADED,
        blackout: { must: ['APIConnectionError'] },
      },
      400,
    );
  });
}
