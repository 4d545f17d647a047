/** Parameters of `rate-limit`: which limits there are, whose they are, and how strictly they are kept. */
import { z } from 'zod';
import { DURATION_HELP, durationMs } from '../duration.ts';

const perMinute = (what: string) =>
  z
    .int({ error: 'is a whole number of 1 or more, per minute' })
    .min(1, { error: 'is a whole number of 1 or more, per minute' })
    .optional()
    .describe(`${what} per minute; no such limit without it.`);

const positive = durationMs.refine((ms) => ms > 0, { error: `must be above 0: ${DURATION_HELP}` });

export const rateLimitParams = z
  .strictObject({
    requests_per_minute: perMinute('Requests'),
    input_tokens_per_minute: perMinute('Input tokens'),
    output_tokens_per_minute: perMinute('Output tokens'),
    burst: positive
      .default(60_000)
      .describe(
        'How much of a minute may be used at once; default 1m. `1s`: a sixtieth, so that 60 requests per minute are one per second.',
      ),
    per_key: z.boolean().default(true).describe('Each key has its own limits; `false`: all share them.'),
    per_model: z.boolean().default(true).describe('Each model has its own limits; `false`: all share them.'),
    count_cache_reads: z
      .boolean()
      .default(false)
      .describe(
        'Count tokens read from the prompt cache as input; the API does so for some old models only.',
      ),
    reserve_output: z
      .boolean()
      .default(false)
      .describe(
        'Take `max_tokens` from the output tokens when a call begins and give back what was not used; `false`: take what was used when it ends.',
      ),
    chars_per_token: z
      .number()
      .positive()
      .default(4)
      .describe('Characters for each token when the input of a call is estimated; default 4.'),
    early_retry_penalty: positive
      .optional()
      .describe(
        'A call that comes before the time that the last 429 told is refused, and this is added to its wait, up to 10m.',
      ),
    overdrawn: positive
      .optional()
      .describe(
        'Input tokens begin in debt, as after heavy use: no call fits for so long, and each of them is told what is left of it.',
      ),
    acceleration: z
      .strictObject({
        requests: z.int().min(1).describe('Requests that each window allows in any case.'),
        growth: z
          .number()
          .min(1)
          .default(2)
          .describe('How many times the requests of the window before are allowed; default 2.'),
        window: positive.default(60_000).describe('Length of a window; default 1m.'),
      })
      .optional()
      .describe('Refuse usage that grows too fast, with `ramp_limit_exceeded`.'),
    message: z
      .string()
      .default('real')
      .describe('`real` (the wording of the API, the default), `simulated` or a text of your own.'),
  })
  .refine(
    (params) =>
      params.requests_per_minute !== undefined ||
      params.input_tokens_per_minute !== undefined ||
      params.output_tokens_per_minute !== undefined ||
      params.acceleration !== undefined,
    {
      error:
        'say at least one limit: requests_per_minute, input_tokens_per_minute, output_tokens_per_minute or acceleration. One 429 without a limit behind it is `fault: rate-limit`',
    },
  )
  .refine((params) => params.overdrawn === undefined || params.input_tokens_per_minute !== undefined, {
    path: ['overdrawn'],
    error: 'speaks of the bucket of input tokens: give input_tokens_per_minute as well',
  });

export type RateLimitParams = z.output<typeof rateLimitParams>;
