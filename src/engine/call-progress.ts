/** How far a call has come, for who can speak only in turn. */
import type { AnswerStage } from './answer-stage.ts';
import type { Progress } from './in-band.ts';
import type { Injection } from './injection.ts';
import type { RequestFeed } from './request-feed.ts';

/** Reads a call's progress off its parts. */
export function progressOf(
  feed: RequestFeed,
  injection: Injection | undefined,
  stage: AnswerStage | undefined,
  answered: boolean,
): Progress {
  return {
    forwarded: feed.forwarding,
    sent: feed.sent,
    waits: injection?.waiting === true || stage?.busy === true || feed.pacing,
    upstreamDone: stage?.upstreamDone === true,
    answered,
    hung: injection?.hung === true,
  };
}
