/** Chooses what takes an upstream's answer to the client. */
import type { Framing, ResponseHead } from '../core/http1/head.ts';
import type { AnswerStage } from './answer-stage.ts';
import type { Exchange } from './exchange.ts';
import type { Injection } from './injection.ts';
import { MeteredStage } from './metered-stage.ts';
import { PlainRelay } from './plain-relay.ts';
import { ResponseStage } from './response-stage.ts';
import { usageReader } from './usage-reader.ts';

export function openStage(
  exchange: Exchange,
  injection: Injection | undefined,
  head: ResponseHead,
  framing: Framing,
): AnswerStage {
  if (injection === undefined) return new PlainRelay(exchange, head, framing);
  const stage = injection.effects.touchesAnswer
    ? new ResponseStage(exchange, injection, head, framing)
    : new PlainRelay(exchange, head, framing);
  const { metering } = injection.effects;
  if (metering === undefined || framing.kind === 'none') return stage;
  const reader = usageReader(head, (reason) =>
    injection.skipped(metering, `the usage of the answer is not known: ${reason}`),
  );
  return reader ? new MeteredStage(stage, reader, framing) : stage;
}
