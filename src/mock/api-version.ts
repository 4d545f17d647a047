/** The `anthropic-version` header: two versions are live. */
import type { ApiRequest } from './exchange.ts';
import { invalid } from './refusal.ts';

export type ApiVersion = '2023-06-01' | '2026-10-21';

/**
 * Reads the version of a call.
 *
 * @throws {ApiRefusal} 400 when it is missing or not one of the two (a header sent twice is joined, and so refused, as in reality)
 */
export function readApiVersion(request: ApiRequest): ApiVersion {
  const version = request.header('anthropic-version')?.trim();
  if (!version) throw invalid('anthropic-version: header is required');
  if (version === '2023-06-01' || version === '2026-10-21') return version;
  throw invalid(`anthropic-version: "${version}" is not a valid version`);
}
