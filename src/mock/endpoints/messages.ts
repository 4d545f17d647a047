/** POST /v1/messages, whole or as a stream. */
import { compose } from '../compose.ts';
import type { ApiAnswer } from '../exchange.ts';
import { CONTENT_EVENTS, CONTENT_JSON, limitHeaders, originHeaders } from '../headers.ts';
import { countInputTokens } from '../input-usage.ts';
import { readJsonObject } from '../json-body.ts';
import { messageJson } from '../message-json.ts';
import type { MessagesRequest } from '../messages-request.ts';
import { invalid } from '../refusal.ts';
import { streamFrames } from '../stream-frames.ts';
import { parseRequest } from '../validate/parse-request.ts';
import type { EndpointContext } from './endpoint.ts';

/** @throws {ApiRefusal} */
export function answerMessages(context: EndpointContext): ApiAnswer {
  const { identity, version, padding, wall } = context;
  const beta = context.request.header('anthropic-beta');
  const request = parseRequest(readJsonObject(context.request), { endpoint: 'messages', version, beta });
  const inputTokens = checkContext(request, beta);
  const message = compose(request, identity);
  const used = { input: inputTokens, output: message.outputTokens };
  const headers = [...originHeaders(identity), ...limitHeaders(used, wall)];
  if (!request.stream) {
    const body = JSON.stringify(messageJson(message));
    return { status: 200, headers: [CONTENT_JSON, ...headers], body };
  }
  return {
    status: 200,
    headers: [CONTENT_EVENTS, ...headers],
    frames: () => streamFrames(message, identity, padding),
  };
}

/** Refuses what does not fit into the model's context, in the words that clients match on to try again with less. */
function checkContext(request: MessagesRequest, beta: string | undefined): number {
  const limit = beta?.includes('context-1m') ? 1_000_000 : request.model.maxInputTokens;
  const tokens = countInputTokens(request);
  if (tokens > limit) throw invalid(`prompt is too long: ${tokens} tokens > ${limit} maximum`);
  if (tokens + request.maxTokens > limit) {
    throw invalid(
      `input length and \`max_tokens\` exceed context limit: ${tokens} + ${request.maxTokens} > ${limit}, decrease input length or \`max_tokens\` and try again`,
    );
  }
  return tokens;
}
