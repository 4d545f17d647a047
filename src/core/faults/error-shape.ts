/** Type and wording of an API error that comes with status 200: in a stream, or as the body of an answer. */
import { z } from 'zod';
import { errorByType } from '../anthropic/errors.ts';
import { reasonPhrase } from '../http1/reason.ts';
import type { FaultEnv } from './fault.ts';

/** Parameters that say which error; spread them into a fault's strict object. */
export const errorShape = {
  error: z
    .string()
    .regex(/^[a-z][a-z0-9_]*$/, { error: 'error is an error.type such as overloaded_error' })
    .default('overloaded_error')
    .describe('`error.type`. Seen in streams: overloaded_error and api_error.'),
  message: z
    .string()
    .optional()
    .describe(
      '`simulated` (`Simulated error: <reason>`), `real` (the wording of the API, where one is known) or a text of your ' +
        'own. Default: the setting `messages`.',
    ),
};

/** Without a request there is no limit or model to name: the wording of a throttling server, which names none. */
const PLAIN_WORDINGS: ReadonlyMap<string, string> = new Map([['rate_limit_error', 'Rate limited']]);

/** The message that such an error carries. */
export function errorMessage(
  { error: type, message }: { readonly error: string; readonly message?: string | undefined },
  env: FaultEnv,
): string {
  const mode = message ?? env.messages;
  if (mode !== 'real' && mode !== 'simulated') return mode;
  const known = errorByType(type);
  const wording = PLAIN_WORDINGS.get(type) ?? known?.messages.find((text) => !text.includes('{'));
  if (mode === 'real' && wording !== undefined) return wording;
  return `Simulated error: ${known === undefined ? type : reasonPhrase(known.status)}`;
}
