/** Sends an answer through node:http: whole, or event by event at the speed asked for. */
import type { ServerResponse } from 'node:http';
import { type Clock, wait } from '../../core/clock.ts';
import { encodeEvent } from '../../core/sse/encode.ts';
import { type ApiAnswer, isStream, type StreamAnswer, type WholeAnswer } from '../exchange.ts';
import { type Coding, encodeBody } from './coding.ts';
import { openSink } from './event-sink.ts';

export interface SendOptions {
  readonly clock: Clock;
  readonly tokensPerSecond: number | undefined;
  readonly coding: Coding | undefined;
  /** HEAD: the answer's head alone. */
  readonly headOnly: boolean;
  /** Aborts when the client is gone. */
  readonly signal: AbortSignal;
}

export async function sendAnswer(
  response: ServerResponse,
  answer: ApiAnswer,
  options: SendOptions,
): Promise<void> {
  if (isStream(answer)) await sendStream(response, answer, options);
  else await sendWhole(response, answer, options);
}

async function sendWhole(
  response: ServerResponse,
  answer: WholeAnswer,
  { clock, coding, headOnly }: SendOptions,
): Promise<void> {
  if (answer.status === 204) {
    writeHead(response, answer, clock, undefined, []);
    response.end();
    return;
  }
  const plain = Buffer.from(answer.body);
  const body = coding ? await encodeBody(coding, plain) : plain;
  writeHead(response, answer, clock, coding, [['Content-Length', String(body.length)]]);
  response.end(headOnly ? undefined : body);
}

async function sendStream(
  response: ServerResponse,
  answer: StreamAnswer,
  options: SendOptions,
): Promise<void> {
  const { clock, coding, signal, tokensPerSecond } = options;
  writeHead(response, answer, clock, coding, []);
  response.flushHeaders();
  const sink = openSink(response, coding);
  const start = clock.now();
  let tokens = 0;
  for (const frame of answer.frames()) {
    tokens += frame.tokens;
    if (tokensPerSecond !== undefined && frame.tokens > 0) {
      // Measured from the start, so that slow writes do not add up.
      const due = start + (tokens / tokensPerSecond) * 1000;
      if (!(await wait(clock, due - clock.now(), signal))) return;
    }
    const room = sink.write(encodeEvent(frame.event, frame.data).raw);
    if (!(room === true || (await room))) return;
  }
  sink.end();
}

function writeHead(
  response: ServerResponse,
  answer: ApiAnswer,
  clock: Clock,
  coding: Coding | undefined,
  framing: readonly (readonly [string, string])[],
): void {
  response.sendDate = false;
  const headers = [['Date', new Date(clock.wall()).toUTCString()], ...answer.headers, ...framing];
  if (coding) headers.push(['Content-Encoding', coding]);
  response.writeHead(answer.status, headers.flat());
}
