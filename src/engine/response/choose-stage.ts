/** Chooses what takes an upstream's answer to the client, and who looks on. */
import { MessageIdScan } from '../../core/anthropic/message-id.ts';
import { UNKNOWN_PATH_HEADER } from '../../core/anthropic/stand-in.ts';
import { StreamFailureScan } from '../../core/anthropic/stream-failure.ts';
import type { Framing, ResponseHead } from '../../core/http1/head.ts';
import type { CallPort } from '../injection/call-port.ts';
import type { Injection } from '../injection/injection.ts';
import { unknownToStandIn } from '../problems/proxy-errors.ts';
import type { Guard } from '../transport/guarded-clock.ts';
import {
  type AnswerReader,
  failureReader,
  isCoded,
  messageReader,
  tellsFailure,
  usageReader,
} from './answer-reader.ts';
import { FaultedResponse } from './faulted-response.ts';
import { PlainRelay } from './plain-relay.ts';
import type { ResponseStage } from './response-stage.ts';
import { WatchedStage } from './watched-stage.ts';

export function chooseStage(
  call: CallPort,
  injection: Injection | undefined,
  head: ResponseHead,
  framing: Framing,
): ResponseStage {
  if (head.status === 404 && head.headers.get(UNKNOWN_PATH_HEADER) !== undefined)
    call.reporter.error(unknownToStandIn(call.head.method, call.place.path));
  const hasBody = framing.kind !== 'none';
  // With nobody to be told of it, no error in a stream is looked for.
  const watched = tellsFailure(head) && hasBody && call.services.options.sink.active;
  const inThread = hasBody && call.decision.thread !== undefined;
  if (injection === undefined && !inThread && !(watched && isCoded(head)))
    return new PlainRelay(call, head, framing, watched ? new StreamFailureScan() : undefined);
  const stage = injection?.effects.touchesAnswer
    ? new FaultedResponse(call, injection, head, framing)
    : new PlainRelay(call, head, framing);
  const { client } = call.connection;
  const usage = hasBody && injection ? usageReaderFor(injection, head, client) : undefined;
  const reader = usage ?? (inThread ? messageReader(head, client) : undefined);
  if (reader) {
    if (inThread) reader.message = new MessageIdScan();
    return new WatchedStage(call, stage, reader, framing);
  }
  if (!watched || (stage instanceof FaultedResponse && stage.watch(new StreamFailureScan()))) return stage;
  return new WatchedStage(call, stage, failureReader(head, client), framing);
}

function usageReaderFor(injection: Injection, head: ResponseHead, guard: Guard): AnswerReader | undefined {
  const { metering } = injection.effects;
  if (metering === undefined) return undefined;
  return usageReader(head, guard, (reason) =>
    injection.skipped(metering, `the usage of the answer is not known: ${reason}`),
  );
}
