/** Every scenario, in the order of list and documentation: what was reported, then weather. One line each. */
import { authOutage } from './auth-outage.ts';
import { blackout } from './blackout.ts';
import { brownout } from './brownout.ts';
import { cloudflareTimeouts } from './cloudflare-timeouts.ts';
import { connectionResets } from './connection-resets.ts';
import { edgeFailures } from './edge-failures.ts';
import { flaky } from './flaky.ts';
import { healthy } from './healthy.ts';
import { inputTokenLimit } from './input-token-limit.ts';
import { overloadBurst } from './overload-burst.ts';
import { overloadHours } from './overload-hours.ts';
import { overloadInStream } from './overload-in-stream.ts';
import type { Scenario } from './scenario.ts';
import { serverErrors } from './server-errors.ts';
import { silentStall } from './silent-stall.ts';
import { spendCap } from './spend-cap.ts';
import { throttleWithoutHints } from './throttle-without-hints.ts';
import { worstDay } from './worst-day.ts';

export const scenarios: readonly Scenario[] = [
  overloadBurst,
  overloadHours,
  overloadInStream,
  serverErrors,
  inputTokenLimit,
  throttleWithoutHints,
  spendCap,
  edgeFailures,
  cloudflareTimeouts,
  silentStall,
  connectionResets,
  authOutage,
  healthy,
  flaky,
  brownout,
  blackout,
  worstDay,
];
