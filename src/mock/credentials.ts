/** Who calls: the check of the key, in both ways to send one. */
import type { ApiRequest } from './exchange.ts';
import { ApiRefusal } from './refusal.ts';

/**
 * Refuses a call without a usable key. Any key is good, except those that ask to be refused: `invalid`, or any that
 * ends in `-invalid`. `x-api-key` wins when a bearer token is sent as well.
 *
 * Wording: `x-api-key header is required`, `invalid x-api-key` and `Invalid bearer token` are third-party reports of
 * real answers.
 *
 * @throws {ApiRefusal} 401 authentication_error
 */
export function checkCredentials(request: ApiRequest): void {
  const key = request.header('x-api-key')?.trim();
  if (key) {
    if (isRefused(key)) throw new ApiRefusal('authentication_error', 'invalid x-api-key');
    return;
  }
  const bearer = /^bearer(?:\s+(.*))?$/i.exec(request.header('authorization')?.trim() ?? '');
  if (!bearer) throw new ApiRefusal('authentication_error', 'x-api-key header is required');
  const token = bearer[1]?.trim();
  if (!token || isRefused(token)) throw new ApiRefusal('authentication_error', 'Invalid bearer token');
}

function isRefused(key: string): boolean {
  return key === 'invalid' || key.endsWith('-invalid');
}
