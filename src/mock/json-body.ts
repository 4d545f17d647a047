/** Reads a request's body as JSON. */
import { asBuffer } from '../core/as-buffer.ts';
import type { ApiRequest } from './exchange.ts';
import { findJsonFault, findLoneSurrogate, type JsonFault } from './json-fault.ts';
import { ApiRefusal, invalid } from './refusal.ts';

/** A JSON object as it came. */
export type Json = Readonly<Record<string, unknown>>;

/**
 * The body's JSON object.
 *
 * @throws {ApiRefusal} 400 for a body that is not a JSON object or that could not be decoded
 */
export function readJsonObject(request: ApiRequest): Json {
  if (request.bodyProblem === 'undecodable') {
    throw new ApiRefusal(
      'invalid_request_error',
      'The request body could not be decoded with its content-encoding.',
      {
        errorCode: 'request_body_encoding_invalid',
      },
    );
  }
  const text = asBuffer(request.body).toString();
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw notJson(text, findJsonFault(text) ?? { reason: 'unexpected character', char: 0 });
  }
  const surrogate = findLoneSurrogate(text);
  if (surrogate) throw notJson(text, surrogate);
  if (!isObject(value)) throw invalid('Input should be a valid dictionary');
  return value;
}

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function notJson(text: string, { reason, char }: JsonFault): ApiRefusal {
  const before = text.slice(0, char);
  const line = before.split('\n').length;
  const column = char - before.lastIndexOf('\n');
  return invalid(
    `The request body is not valid JSON: ${reason}: line ${line} column ${column} (char ${char})`,
  );
}
