/** An error envelope under status 200. */
import { z } from 'zod';
import { errorMessage, errorShape } from './error-shape.ts';
import { defineFault } from './fault.ts';
import { replaceBody } from './whole-body.ts';

export const bodyError = defineFault({
  kind: 'body-error',
  phase: 'exchange',
  changes: 'body',
  summary: 'Answer 200 with an error envelope as body.',
  details:
    'As gateways do that lose the status. The official SDKs take such a body for a message. Acts on JSON answers and ' +
    'on streams (which then are `application/json`). For an error inside a stream, see `stream-error`.',
  params: z.strictObject({ ...errorShape }),
  example: { error: 'api_error' },
  plan: (params, env) => {
    const error = { type: params.error, message: errorMessage(params, env) };
    const effects = replaceBody(
      `error body ${params.error}`,
      (answer) => JSON.stringify({ type: 'error', error, request_id: answer?.requestId }),
      'application/json',
    );
    return () => effects;
  },
});
