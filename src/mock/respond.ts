/**
 * The stand-in without its HTTP: request in, answer out, no I/O and no memory. Finds the endpoint, then checks in
 * this order: size, key, version, body.
 */
import { ACCOUNT_HEADERS } from '../core/anthropic/headers.ts';
import { UNKNOWN_PATH_HEADER } from '../core/anthropic/stand-in.ts';
import { readApiVersion } from './api-version.ts';
import { checkCredentials } from './credentials.ts';
import { claudeCodeAnswer, type PlainAnswer } from './endpoints/claude-code.ts';
import { answerCountTokens } from './endpoints/count-tokens.ts';
import type { Endpoint, EndpointContext } from './endpoints/endpoint.ts';
import { answerMessages } from './endpoints/messages.ts';
import { answerModel, answerModels } from './endpoints/models.ts';
import { errorAnswer, tooLargeAnswer } from './error-answer.ts';
import type { ApiAnswer, ApiRequest } from './exchange.ts';
import { CONTENT_JSON, edgeHeaders, originHeaders } from './headers.ts';
import { Identity } from './identity.ts';
import { ApiRefusal } from './refusal.ts';

export interface ResponseSettings {
  /** Changes every id; answers stay. */
  readonly seed: string;
  /** Pad events as the real API does. */
  readonly padding: boolean;
}

/** Answers a request. Equal requests get equal answers, but for what is computed from the time. */
export function respond(request: ApiRequest, settings: ResponseSettings, wall: number): ApiAnswer {
  const url = parseTarget(request.target);
  const identity = new Identity(settings.seed, request, url.pathname);
  if (request.bodyProblem === 'too-large') return tooLargeAnswer(identity);
  let known = false;
  try {
    const endpoint = findEndpoint(request, url.pathname);
    if (typeof endpoint !== 'function') return plain(endpoint, identity);
    checkCredentials(request);
    known = true;
    const version = readApiVersion(request);
    if (request.bodyProblem === 'too-large-decoded') {
      throw new ApiRefusal('request_too_large', 'Request exceeds the maximum size', {
        errorCode: 'request_body_too_large_after_decoding',
      });
    }
    const { padding } = settings;
    const answer = endpoint({ request, query: url.searchParams, version, identity, padding, wall });
    return { ...answer, headers: [...answer.headers, ...ACCOUNT_HEADERS, ...edgeHeaders(identity)] };
  } catch (error) {
    if (!(error instanceof ApiRefusal)) throw error;
    const answer = errorAnswer(error, identity);
    return known ? { ...answer, headers: [...answer.headers, ...ACCOUNT_HEADERS] } : answer;
  }
}

/** Path and query; `/messages` is `/v1/messages`, since the AI SDK sends that to a base URL without `/v1`. */
function parseTarget(target: string): URL {
  const path = target.startsWith('/') ? target : target.replace(/^[a-z]+:\/\/[^/]*/i, '');
  const url = new URL(`http://stand-in${path.startsWith('/') ? path : '/'}`);
  if (url.pathname === '/messages') url.pathname = '/v1/messages';
  return url;
}

/** An answer that needs no key. */
type Plain = Pick<PlainAnswer, 'body'>;

const HELLO: Plain = { body: '{"message":"hello"}' };

function findEndpoint(request: ApiRequest, path: string): Endpoint | Plain {
  const model = /^\/v1\/models\/([^/]+)$/.exec(path)?.[1];
  if (path === '/v1/messages') return allow(request, ['POST'], answerMessages);
  if (path === '/v1/messages/count_tokens') return allow(request, ['POST'], answerCountTokens);
  if (path === '/v1/models') return allow(request, ['GET', 'HEAD'], answerModels);
  if (model) {
    return allow(request, ['GET', 'HEAD'], (context: EndpointContext) => answerModel(context, model));
  }
  if (path === '/api/hello') return allow(request, ['GET', 'HEAD'], HELLO);
  const known = claudeCodeAnswer(path);
  if (known) return allow(request, known.methods, known);
  throw new ApiRefusal('not_found_error', 'The requested resource could not be found.', {
    headers: [[UNKNOWN_PATH_HEADER, 'true']],
  });
}

/** The wording of the real 405 is not known. */
function allow<T>(request: ApiRequest, methods: readonly string[], endpoint: T): T {
  if (methods.includes(request.method)) return endpoint;
  throw new ApiRefusal('invalid_request_error', 'Method Not Allowed', {
    status: 405,
    headers: [['Allow', methods.join(', ')]],
  });
}

function plain({ body }: Plain, identity: Identity): ApiAnswer {
  const headers = [...originHeaders(identity), ...edgeHeaders(identity)];
  if (body === undefined) return { status: 204, headers, body: '' };
  return { status: 200, headers: [CONTENT_JSON, ...headers], body };
}
