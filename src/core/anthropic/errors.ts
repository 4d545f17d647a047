/**
 * The catalogue of errors: every error of the API that is known, by name, status and type. Read by `http-error`,
 * by the presets, by the `errors` command and by the docs.
 */
import type { ApiError } from './api-error.ts';
import { codedErrors } from './errors-coded.ts';
import { limitErrors } from './errors-limit.ts';
import { requestErrors } from './errors-request.ts';
import { serverErrors } from './errors-server.ts';

/** Every known error, by status; within one status the default comes first. */
export const errorCatalogue: readonly ApiError[] = [
  ...requestErrors,
  ...limitErrors,
  ...serverErrors,
  ...codedErrors,
].sort((a, b) => a.status - b.status);

const byName: ReadonlyMap<string, ApiError> = new Map(errorCatalogue.map((error) => [error.name, error]));

/** The error of that name; undefined for an unknown one. */
export function errorByName(name: string): ApiError | undefined {
  return byName.get(name);
}

/** The most usual error of a status, e.g. `rate-limit` for 429; undefined where the API has none. */
export function errorByStatus(status: number): ApiError | undefined {
  return errorCatalogue.find((error) => error.status === status && error.errorCode === null);
}

/** The most usual error of a type, e.g. `overloaded` for `overloaded_error`; undefined for an unknown type. */
export function errorByType(type: string): ApiError | undefined {
  return errorCatalogue.find((error) => error.type === type && error.errorCode === null);
}

/** `error.type` of a status: the API's where it has one, else `invalid_request_error` (4xx) or `api_error` (5xx). */
export function typeOfStatus(status: number): string {
  return errorByStatus(status)?.type ?? (status < 500 ? 'invalid_request_error' : 'api_error');
}
