/** How far a call has come, for who can speak only in turn. */

import type { Injection } from '../injection/injection.ts';
import type { RequestFeed } from '../request/request-feed.ts';
import type { ResponseStage } from '../response/response-stage.ts';
import type { Progress } from '../upstream/bound-upstream.ts';
import type { CallState } from './call-state.ts';

/** Reads a call's progress off its parts. */
export function progressOf(
  feed: RequestFeed,
  injection: Injection | undefined,
  stage: ResponseStage | undefined,
  state: CallState,
): Progress {
  return {
    forwarded: feed.forwarding,
    sent: feed.sent,
    waits: injection?.waiting === true || stage?.busy === true || feed.pacing,
    upstreamDone: stage?.upstreamDone === true,
    answered: state === 'answered' || state === 'told',
    hung: injection?.hung === true,
  };
}
