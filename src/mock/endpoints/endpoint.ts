/** What an endpoint is given and gives. */
import type { ApiVersion } from '../api-version.ts';
import type { ApiAnswer, ApiRequest } from '../exchange.ts';
import type { Identity } from '../identity.ts';

export interface EndpointContext {
  readonly request: ApiRequest;
  readonly query: URLSearchParams;
  readonly version: ApiVersion;
  readonly identity: Identity;
  readonly padding: boolean;
  /** Milliseconds since the Unix epoch. */
  readonly wall: number;
}

/** @throws {ApiRefusal} for a request that it refuses */
export type Endpoint = (context: EndpointContext) => ApiAnswer;
