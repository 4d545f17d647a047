/** A request that the API refuses: thrown by the checks, turned into an answer by `respond.ts`. */
import type { Header } from '../core/facts.ts';

/** Values of `error.type` that the stand-in uses by itself. */
export type ErrorType =
  | 'invalid_request_error'
  | 'authentication_error'
  | 'not_found_error'
  | 'request_too_large';

const STATUS: Readonly<Record<ErrorType, number>> = {
  invalid_request_error: 400,
  authentication_error: 401,
  not_found_error: 404,
  request_too_large: 413,
};

/** Carries what the error body says. `status` differs from the type's own only for 405. */
export class ApiRefusal extends Error {
  readonly type: ErrorType;
  readonly status: number;
  readonly headers: readonly Header[];
  /** `error.details.error_code`, for errors that have one. */
  readonly errorCode: string | undefined;

  constructor(
    type: ErrorType,
    message: string,
    options: { status?: number; headers?: readonly Header[]; errorCode?: string } = {},
  ) {
    super(message);
    this.type = type;
    this.status = options.status ?? STATUS[type];
    this.headers = options.headers ?? [];
    this.errorCode = options.errorCode;
  }
}

/** A 400 with this message. */
export function invalid(message: string): ApiRefusal {
  return new ApiRefusal('invalid_request_error', message);
}
