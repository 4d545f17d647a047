/** Parameters of `http-error`: which error, and what about it differs from the API's own. */
import { z } from 'zod';
import { errorByType, errorCatalogue } from '../anthropic/errors.ts';
import { headersParam } from './headers-param.ts';
import { retryAfterParam } from './retry-after-param.ts';

const names = errorCatalogue.map(({ name }) => name) as [string, ...string[]];
const ID = /^[\x21-\x7e]+$/;

export const httpErrorParams = z
  .strictObject({
    status: z
      .int({ error: 'status is a whole number from 400 to 599' })
      .min(400, { error: 'status is a whole number from 400 to 599' })
      .max(599, { error: 'status is a whole number from 400 to 599' })
      .optional()
      .describe('HTTP status; default: that of `name` or `type`.'),
    type: z
      .string()
      .regex(/^[a-z][a-z0-9_]*$/, { error: 'type is an error.type such as overloaded_error' })
      .optional()
      .describe('`error.type`; default: that of `name` or `status`.'),
    name: z
      .enum(names, {
        error: ({ input }) => `${JSON.stringify(input)} is no error of the catalogue${nearest(input)}`,
      })
      .optional()
      .describe('An error of the catalogue, with its own wording, code and headers.'),
    message: z
      .string({ error: 'message is simulated, real, or a text of your own' })
      .optional()
      .describe(
        '`simulated` (`Simulated error: <reason>`), `real` (the wording of the API, where one is known) or a text of your own. ' +
          'Default: `real` with `name`, else the setting `messages`.',
      ),
    error_code: z.string().min(1).optional().describe('`error.details.error_code`.'),
    body: z
      .union([z.string(), z.record(z.string(), z.unknown())], {
        error: 'body is a text, sent byte for byte, or a map, sent as compact JSON',
      })
      .optional()
      .describe('The whole body: a text is sent byte for byte, a map as compact JSON.'),
    headers: headersParam.optional(),
    retry_after: retryAfterParam.optional(),
    should_retry: z
      .union([z.boolean(), z.literal('absent')], { error: 'should_retry is true, false or absent' })
      .optional()
      .describe('`x-should-retry`; default: as the API sends it with this error.'),
    request_id: z
      .union([z.null(), z.string().regex(ID)], {
        error: 'request_id is null, absent, header-only, or an id without spaces',
      })
      .optional()
      .describe(
        '`null` (null in the body, no header), `absent` (neither), `header-only` (as before August 2025), or an id of your own. ' +
          'Default: one id in both.',
      ),
  })
  .check((context) => {
    const { status, type, name, body, message, error_code } = context.value;
    const refuse = (path: string, text: string): void => {
      context.issues.push({ code: 'custom', input: context.value, path: [path], message: text });
    };
    if (status === undefined && type === undefined && name === undefined) {
      refuse('status', 'say which error: status: 529, type: overloaded_error or name: overloaded');
    } else if (status === undefined && name === undefined && type !== undefined && !errorByType(type)) {
      refuse('type', `no status is known for ${type}: add one, such as status: 400`);
    }
    if (body !== undefined && message !== undefined)
      refuse('message', 'body is the whole body: drop message or body');
    if (body !== undefined && error_code !== undefined) {
      refuse('error_code', 'body is the whole body: put the error_code into it, or drop body');
    }
  });

export type HttpErrorParams = z.output<typeof httpErrorParams>;

function nearest(input: unknown): string {
  if (typeof input !== 'string') return '';
  const words = input
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word.length > 2);
  const like = names.filter((name) => words.some((word) => name.includes(word)));
  return like.length > 0 ? `; it has ${like.slice(0, 4).join(', ')}` : '; the command `errors` lists them';
}
