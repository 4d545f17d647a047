/** Chooses what takes an upstream's answer to the client, and who looks on. */
import { MessageIdScan } from '../core/anthropic/message-id.ts';
import { UNKNOWN_PATH_HEADER } from '../core/anthropic/stand-in.ts';
import { StreamFailureScan } from '../core/anthropic/stream-failure.ts';
import type { Framing, ResponseHead } from '../core/http1/head.ts';
import {
  type AnswerReader,
  failureReader,
  isCoded,
  messageReader,
  tellsFailure,
  usageReader,
} from './answer-reader.ts';
import type { AnswerStage } from './answer-stage.ts';
import type { CallPort } from './call-port.ts';
import type { Guard } from './guarded-clock.ts';
import type { Injection } from './injection.ts';
import { unknownToStandIn } from './own-failure.ts';
import { PlainRelay } from './plain-relay.ts';
import { ResponseStage } from './response-stage.ts';
import { WatchedStage } from './watched-stage.ts';

export function openStage(
  exchange: CallPort,
  injection: Injection | undefined,
  head: ResponseHead,
  framing: Framing,
): AnswerStage {
  if (head.status === 404 && head.headers.get(UNKNOWN_PATH_HEADER) !== undefined)
    exchange.reporter.error(unknownToStandIn(exchange.head.method, exchange.place.path));
  const hasBody = framing.kind !== 'none';
  // With nobody to be told of it, no error in a stream is looked for.
  const watched = tellsFailure(head) && hasBody && exchange.engine.options.sink.active;
  const inThread = hasBody && exchange.decision.thread !== undefined;
  if (injection === undefined && !inThread && !(watched && isCoded(head)))
    return new PlainRelay(exchange, head, framing, watched ? new StreamFailureScan() : undefined);
  const stage = injection?.effects.touchesAnswer
    ? new ResponseStage(exchange, injection, head, framing)
    : new PlainRelay(exchange, head, framing);
  const { client } = exchange.connection;
  const usage = hasBody && injection ? usageReaderFor(injection, head, client) : undefined;
  const reader = usage ?? (inThread ? messageReader(head, client) : undefined);
  if (reader) {
    if (inThread) reader.message = new MessageIdScan();
    return new WatchedStage(exchange, stage, reader, framing);
  }
  if (!watched || (stage instanceof ResponseStage && stage.watch(new StreamFailureScan()))) return stage;
  return new WatchedStage(exchange, stage, failureReader(head, client), framing);
}

function usageReaderFor(injection: Injection, head: ResponseHead, guard: Guard): AnswerReader | undefined {
  const { metering } = injection.effects;
  if (metering === undefined) return undefined;
  return usageReader(head, guard, (reason) =>
    injection.skipped(metering, `the usage of the answer is not known: ${reason}`),
  );
}
