/** GET /v1/models, page by page, and GET /v1/models/{id}. */
import type { ApiAnswer } from '../exchange.ts';
import { CONTENT_JSON, originHeaders } from '../headers.ts';
import type { Json } from '../json-body.ts';
import { modelInfo } from '../model-info.ts';
import { findModel, LISTED_MODELS } from '../models.ts';
import { ApiRefusal, invalid } from '../refusal.ts';
import type { EndpointContext } from './endpoint.ts';

const DEFAULT_LIMIT = 20;
const MAX_LIMIT = 1000;

/** @throws {ApiRefusal} 400 for a bad limit or cursor */
export function answerModels({ query, identity }: EndpointContext): ApiAnswer {
  const limit = readLimit(query.get('limit'));
  const before = readCursor(query, 'before_id');
  const after = readCursor(query, 'after_id');
  const end = before ?? LISTED_MODELS.length;
  const start = after === undefined ? (before === undefined ? 0 : Math.max(0, end - limit)) : after + 1;
  const page = LISTED_MODELS.slice(start, Math.min(start + limit, end));
  const hasMore = before === undefined ? start + limit < end : start > 0;
  return json(identity, {
    data: page.map(infoOf),
    has_more: hasMore,
    first_id: page[0] ?? null,
    last_id: page.at(-1) ?? null,
  });
}

/** @throws {ApiRefusal} 404 */
export function answerModel({ identity }: EndpointContext, id: string): ApiAnswer {
  return json(identity, infoOf(decode(id)));
}

function infoOf(id: string): Json {
  const model = findModel(id);
  if (!model) throw new ApiRefusal('not_found_error', `model: ${id}`);
  return modelInfo(model);
}

function decode(id: string): string {
  try {
    return decodeURIComponent(id);
  } catch {
    return id;
  }
}

function readLimit(text: string | null): number {
  if (text === null) return DEFAULT_LIMIT;
  if (!/^-?\d{1,9}$/.test(text)) throw invalid('limit: Input should be a valid integer');
  const limit = Number(text);
  if (limit < 1) throw invalid('limit: Input should be greater than or equal to 1');
  if (limit > MAX_LIMIT) throw invalid(`limit: Input should be less than or equal to ${MAX_LIMIT}`);
  return limit;
}

function readCursor(query: URLSearchParams, name: string): number | undefined {
  const id = query.get(name);
  if (id === null) return undefined;
  const index = LISTED_MODELS.indexOf(id);
  if (index < 0) throw invalid(`${name}: no model has this id`);
  return index;
}

function json(identity: EndpointContext['identity'], body: Json): ApiAnswer {
  return {
    status: 200,
    headers: [CONTENT_JSON, ...originHeaders(identity)],
    body: JSON.stringify(body),
  };
}
