/** What a plugin can do to an upstream's answer: wait with it, change its headers, and rewrite its body if it is no stream. */
import type { HeadEffect, RewriteEffect } from '../../core/effect.ts';
import type { Header } from '../../core/facts.ts';
import type { ResponseHead } from '../../core/http1/head.ts';
import type { PlannedFault } from '../../core/rules/decision.ts';
import { MARKER_HEADER } from '../../engine/plan/answer-template.ts';
import type { PlannedEffect } from '../../engine/plan/effect-sorter.ts';
import { planResponse } from '../../engine/response/response-plan.ts';
import { RewriteBody } from '../../engine/response/rewrite-body.ts';
import type { HttpCall } from './http-call.ts';
import { MAX_MESSAGE_BYTES, sizeOf } from './http-message.ts';
import { TOO_LARGE } from './limits.ts';

export interface EditedAnswer {
  readonly headers: readonly Header[];
  readonly body: Buffer;
  /** A fault changed the body. */
  readonly rewritten: boolean;
}

/** @param body with its content coding */
export function editAnswer(call: HttpCall, head: ResponseHead, body: Buffer): EditedAnswer {
  const rewritten = rewriteAnswer(call, head, body);
  const own = withHeaders(head.headers.list(), rewritten?.set ?? []);
  const { headers, edits } = editedHeaders(call, own);
  for (const { fault } of edits) call.applied(fault, 'changed the head');
  const marked = rewritten?.fault ?? edits[0]?.fault;
  const marker = marked === undefined ? undefined : call.marker(marked);
  const marks: readonly Header[] = marker === undefined ? [] : [[MARKER_HEADER, marker]];
  return {
    headers: [...headers, ...marks],
    body: rewritten?.body ?? body,
    rewritten: rewritten !== undefined,
  };
}

/** The headers as the call's faults want them, and the edits that are faults: others only inform. */
export function editedHeaders(
  { effects }: HttpCall,
  original: readonly Header[],
): { readonly headers: readonly Header[]; readonly edits: readonly PlannedEffect<HeadEffect>[] } {
  let headers = original;
  for (const { effect } of effects.headEdits) {
    const kept = headers.filter(([name]) => !effect.remove?.includes(name.toLowerCase()));
    headers = withHeaders(kept, effect.set ?? []);
  }
  return { headers, edits: effects.headEdits.filter(({ effect }) => !effect.informs) };
}

function withHeaders(headers: readonly Header[], list: readonly Header[]): readonly Header[] {
  const names = new Set(list.map(([name]) => name.toLowerCase()));
  return [...headers.filter(([name]) => !names.has(name.toLowerCase())), ...list];
}

interface Rewrite {
  readonly body: Buffer;
  readonly set: readonly Header[];
  /** The first that changed it. */
  readonly fault: PlannedFault;
}

function rewriteAnswer(call: HttpCall, head: ResponseHead, body: Buffer): Rewrite | undefined {
  if (call.effects.rewrites.length === 0) return undefined;
  const plan = planResponse(head, head.framingFor(call.head.method), call.effects);
  for (const { fault, reason } of plan.skipped) call.skipped(fault, reason);
  if (plan.body !== 'rewrite') return undefined;
  const rewrites = call.effects.rewrites.map(honestLength);
  const skipAll = (reason: string): void => {
    for (const { fault } of rewrites) call.skipped(fault, reason);
  };
  try {
    const held = new RewriteBody();
    held.data(body, 0, body.length);
    const requestId = head.headers.get('request-id');
    const type = head.headers.get('content-type') ?? '';
    const result = held.finish(rewrites, plan.coding, type, requestId === undefined ? {} : { requestId });
    const [first] = result.applied;
    if (first && sizeOf([], result.body) > MAX_MESSAGE_BYTES) {
      skipAll(TOO_LARGE);
      return undefined;
    }
    for (const { fault, reason } of result.skipped) call.skipped(fault, reason);
    for (const { fault, note } of result.applied) call.applied(fault, note);
    return first && { body: result.body, set: result.set, fault: first.fault };
  } catch (error) {
    skipAll(`the body cannot be read: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  }
}

/** A body shorter than its head says cannot be given: fault counts it and tells the true length. */
function honestLength({ effect, fault }: PlannedEffect<RewriteEffect>): PlannedEffect<RewriteEffect> {
  return {
    fault,
    effect: {
      do: 'rewrite',
      rewrite: (body, type, answer) => {
        const result = effect.rewrite(body, type, answer);
        return result.length === 'kept'
          ? { body, skipped: 'fault tells the true length of a body: go through a tunnel (HTTPS_PROXY)' }
          : result;
      },
    },
  };
}
