/** POST /v1/messages/count_tokens. */
import type { ApiAnswer } from '../exchange.ts';
import { CONTENT_JSON, originHeaders } from '../headers.ts';
import { countInputTokens } from '../input-usage.ts';
import { readJsonObject } from '../json-body.ts';
import { parseRequest } from '../validate/parse-request.ts';
import type { EndpointContext } from './endpoint.ts';

/** @throws {ApiRefusal} */
export function answerCountTokens({ request, version, identity }: EndpointContext): ApiAnswer {
  const beta = request.header('anthropic-beta');
  const parsed = parseRequest(readJsonObject(request), { endpoint: 'count_tokens', version, beta });
  return {
    status: 200,
    headers: [CONTENT_JSON, ...originHeaders(identity)],
    body: JSON.stringify({ input_tokens: countInputTokens(parsed) }),
  };
}
