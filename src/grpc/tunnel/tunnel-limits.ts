/** What a tunnel of the fault proxy cannot carry, or not more of. */
import type { HeldAnswerLimit, Impossible } from '../../engine/transport/transport.ts';

/** The most that goes out in one answer, in bytes: the caller refuses messages beyond 4 MiB. */
export const LARGEST_ANSWER = 3_900_000;

/** What was held back goes out with the upstream's last word, in one message of the fault proxy's, sealed by TLS. */
export const HELD_ANSWER: HeldAnswerLimit = {
  bytes: 3_800_000,
  reason: 'in a tunnel of the fault proxy, a whole answer that is held back can have 3.8 MB at most',
};

export const IMPOSSIBLE: Impossible = {
  reset: 'a tunnel of the fault proxy cannot be reset, only closed',
  'half-close': 'a tunnel of the fault proxy cannot shut one direction alone',
};
