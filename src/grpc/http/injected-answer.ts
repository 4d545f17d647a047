/** An injected answer as the fault proxy can give it: the engine's own bytes, taken apart again. */
import type { HeadEffect, RespondEffect } from '../../core/effect.ts';
import { HeadReader } from '../../core/http1/head.ts';
import type { PlannedEffect } from '../../engine/plan/effect-sorter.ts';
import { editedHeaders } from './edited-answer.ts';
import type { HttpCall } from './http-call.ts';
import {
  isSendable,
  MAX_MESSAGE_BYTES,
  type ResponseMessage,
  responseMessage,
  sizeOf,
} from './http-message.ts';

export interface InjectedAnswer {
  readonly message: ResponseMessage;
  /** Bytes of head and body. */
  readonly bytes: number;
  /** Faults of the head that acted on it. */
  readonly edits: readonly PlannedEffect<HeadEffect>[];
  /** Names of headers that fault would not take. */
  readonly leftOut: readonly string[];
}

/** @returns undefined for one that is larger than the fault proxy takes */
export function injectedAnswer(
  call: HttpCall,
  { effect, fault }: PlannedEffect<RespondEffect>,
): InjectedAnswer | undefined {
  const { templates, options } = call.engine;
  const template = templates.for(effect, call.decision.rule ?? '', fault.kind, false);
  const bytes = template.render(call.decision, options.clock.wall());
  const reader = new HeadReader('response');
  const end = reader.push(bytes, 0);
  const { headers, edits } = editedHeaders(call, reader.take().headers.list());
  const message = responseMessage(effect.status, headers, bytes.subarray(end));
  if (sizeOf(message.headers as never, message.body as Uint8Array) > MAX_MESSAGE_BYTES) return undefined;
  return {
    message: call.head.method === 'HEAD' ? { ...message, body: new Uint8Array() } : message,
    bytes: call.head.method === 'HEAD' ? end : bytes.length,
    edits,
    leftOut: headers.filter(([name, value]) => !isSendable(name, value)).map(([name]) => name),
  };
}
