/**
 * Fault's plain-HTTP calls (its forward proxy for `http://`, its `--proxy http…` and `fault run llm`): requests and
 * answers come whole, in two calls that do not say which belongs to which.
 */
import type { MessageInitShape } from '@bufbuild/protobuf';
import { asBuffer } from '../../core/as-buffer.ts';
import type { ResponseHead } from '../../core/http1/head.ts';
import { Problem } from '../../core/problem.ts';
import type { Usage } from '../../core/rules/decision.ts';
import type { Engine } from '../../engine/engine.ts';
import { REQUEST_FAULT_HEADER } from '../../engine/request/request-head-edit.ts';
import { usageReader } from '../../engine/response/answer-reader.ts';
import { guardedClock } from '../../engine/transport/guarded-clock.ts';
import {
  ProcessHttpResponseResponse_Action as Action,
  type HttpRequest,
  type HttpResponse,
  type ProcessHttpResponseResponseSchema,
  ProcessHttpRequestResponse_Action as RequestAction,
} from '../gen/plugin_pb.ts';
import { BadMessage } from '../service-definition.ts';
import { placeCall } from './call-place.ts';
import { type EditedAnswer, editAnswer } from './edited-answer.ts';
import { HttpCall } from './http-call.ts';
import {
  continueWith,
  MAX_MESSAGE_BYTES,
  type RequestReply,
  type ResponseMessage,
  requestHead,
  responseHead,
  responseMessage,
  sizeOf,
} from './http-message.ts';
import { injectedAnswer } from './injected-answer.ts';
import { TOO_LARGE } from './limits.ts';
import { type Waiting, WaitingCalls } from './waiting-calls.ts';

export type ResponseReply = MessageInitShape<typeof ProcessHttpResponseResponseSchema>;

/** A call to a host that is no target waits too: its answer must not be taken for another's. */
interface Stranger extends Waiting {
  readonly streams: false;
}

const UNSURE = 'several plain-HTTP calls waited for their answers, and fault does not say whose this one is';

export class HttpCalls {
  readonly #engine: Engine;
  readonly #waiting: WaitingCalls<HttpCall | Stranger>;

  constructor(engine: Engine) {
    this.#engine = engine;
    const guard = (run: () => void): void => {
      try {
        run();
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        engine.notice('plugin-failed', `a bug in the plugin, at the end of a plain-HTTP call: ${why}`);
      }
    };
    this.#waiting = new WaitingCalls(guardedClock(engine.options.clock, { guard }));
  }

  /** @throws BadMessage for what is no request */
  async request(request: HttpRequest | undefined, signal: AbortSignal): Promise<RequestReply> {
    if (request === undefined) throw new BadMessage('request is missing');
    const head = requestHead(request);
    if (this.#engine.draining) return this.#goOn(request);
    const place = placeCall(head, this.#engine.options.targets);
    if (!place.ruled) {
      this.#engine.notice(
        'no-target',
        `fault hands over plain-HTTP calls to ${place.target.host}, which is no target: they pass (--target-host ${place.target.host} lets them fail)`,
      );
      this.#waiting.add({ streams: false, expired: () => {} });
      return this.#goOn(request);
    }
    const call = new HttpCall(this.#engine, head, place, asBuffer(request.body));
    const respond = await call.begin(signal);
    if (respond === 'gone') return this.#goOn(request);
    if (respond) {
      const answer = injectedAnswer(call, respond);
      if (answer) {
        call.applied(respond.fault, `respond ${respond.effect.status}`);
        for (const { fault } of answer.edits) call.applied(fault, 'changed the head');
        if (answer.leftOut.length > 0)
          this.#engine.notice(
            'header-left-out',
            `fault takes headers of visible ASCII only: ${answer.leftOut.join(', ')} is left out of injected answers`,
          );
        call.reporter.headSent(respond.effect.status, 'injected');
        call.reporter.bytesDown = answer.bytes;
        call.end('complete', 'injected');
        return { action: RequestAction.ABORT, abortResponse: answer.message };
      }
      call.skipped(respond.fault, TOO_LARGE);
    }
    this.#waiting.add(call);
    return this.#goOn(request, call.readsAnswer);
  }

  /** Never fails for anything that an upstream sent: fault would end with it. @throws BadMessage without a response */
  async response(response: HttpResponse | undefined, signal: AbortSignal): Promise<ResponseReply> {
    if (response === undefined) throw new BadMessage('response is missing');
    const headers = response.headers.map(({ name, value }) => [name, value] as const);
    const asItCame = { headers, body: asBuffer(response.body), rewritten: false };
    const head = readable(response);
    const found = head && this.#waiting.take(head);
    const call = found?.call;
    const answer =
      call instanceof HttpCall ? await this.#answer(call, head!, found!.sure, asItCame, signal) : asItCame;
    return this.#giveBack(response, responseMessage(response.statusCode, answer.headers, answer.body));
  }

  async #answer(
    call: HttpCall,
    head: ResponseHead,
    sure: boolean,
    asItCame: EditedAnswer,
    signal: AbortSignal,
  ): Promise<EditedAnswer> {
    let answer = asItCame;
    if (!sure) call.skipAnswer(UNSURE);
    else if (call.touchesAnswer) {
      if (!(await call.delay(call.effects.headDelays, signal))) {
        call.end('client-abort', 'injected');
        return asItCame;
      }
      try {
        answer = editAnswer(call, head, asItCame.body);
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        this.#engine.notice(
          'answer-not-edited',
          `an answer is passed as it came, since its faults failed: ${why}`,
        );
      }
    }
    call.reporter.headSent(head.status, 'upstream');
    call.reporter.bytesDown = head.raw.length + answer.body.length;
    const usage = sure ? await readUsage(call, head, asItCame.body) : undefined;
    call.end('complete', answer.rewritten ? 'injected' : null, usage);
    return answer;
  }

  /** The plugin stops: what waits is told as stopped. */
  close(): void {
    this.#waiting.clear((call) => {
      if (!call.streams && call instanceof HttpCall) call.unanswered('shutdown');
      else call.expired();
    });
  }

  /** @param readable the answer's body will be read here */
  #goOn(request: HttpRequest, readable = false): RequestReply {
    const without = this.#engine.options.requestFault === undefined ? undefined : REQUEST_FAULT_HEADER;
    const { reply, mangled } = continueWith(request, { without, readable });
    if (mangled)
      this.#engine.notice(
        'query-mangled',
        'a plain-HTTP call of more than 4 MiB with a query came: fault doubles the query of such a call, and its upstream will not know the path (use a tunnel, or leave out the query)',
      );
    return reply;
  }

  #giveBack(response: HttpResponse, message: ResponseMessage): ResponseReply {
    if (sizeOf(message.headers as never, message.body as Uint8Array) <= MAX_MESSAGE_BYTES)
      return { action: Action.CONTINUE, modifiedResponse: message };
    // Given nothing, the fault proxy takes the answer that it has; which must then tell its length, or it ends itself.
    if (response.headers.some(({ name }) => name.toLowerCase() === 'content-length'))
      return { action: Action.CONTINUE };
    const problem = new Problem(
      'upstream-bad-response',
      'an answer of more than 4 MiB without content-length came on the plain-HTTP path of fault: fault would end with it, so its client was given an error in its place (use a tunnel)',
    );
    this.#engine.notice('answer-too-large', problem.message);
    const error = { type: 'error', error: { type: 'api_error', message: problem.message } };
    return {
      action: Action.CONTINUE,
      modifiedResponse: responseMessage(
        response.statusCode,
        [['content-type', 'application/json']],
        Buffer.from(JSON.stringify(error)),
      ),
    };
  }
}

/** Undefined for what is no HTTP response: it passes as it came. */
function readable({ statusCode, headers }: HttpResponse): ResponseHead | undefined {
  try {
    return responseHead(statusCode, headers);
  } catch {
    return undefined;
  }
}

/** What the answer says that it cost, where a fault wants to know. */
function readUsage(call: HttpCall, head: ResponseHead, body: Buffer): Promise<Usage | undefined> {
  const { metering } = call;
  if (metering === undefined || head.framingFor(call.head.method).kind === 'none')
    return Promise.resolve(undefined);
  return new Promise((resolve, reject) => {
    const guard = (run: () => void): void => {
      try {
        run();
      } catch (error) {
        reject(error);
      }
    };
    const reader = usageReader(head, { guard }, (reason) =>
      call.skipped(metering, `the usage of the answer is not known: ${reason}`),
    );
    if (!reader) {
      resolve(undefined);
      return;
    }
    reader.data(body, 0, body.length);
    reader.finish(() => resolve(reader.usage));
  });
}
