/** `edge-error`: an error of what stands in front of the API. The API's own are in `http-error.ts`. */
import { z } from 'zod';
import { ENVOY_REASONS, type EnvoyReason, edgeCatalogue, edgeErrorByName } from '../anthropic/edge.ts';
import { edgeAnswer } from '../anthropic/edge-answer.ts';
import { defineFault } from './fault.ts';
import { headersParam, withOwnHeaders } from './headers-param.ts';
import { scaledSeconds } from './retry-after-param.ts';

const names = edgeCatalogue.map(({ name }) => name) as [string, ...string[]];
const reasons = Object.keys(ENVOY_REASONS) as [EnvoyReason, ...EnvoyReason[]];
const oneOf = (texts: readonly string[]): string => `${texts.slice(0, -1).join(', ')} or ${texts.at(-1)}`;

const COLOS = ['VIE', 'SJC', 'FRA', 'IAD', 'LHR', 'NRT', 'AMS', 'SIN'] as const;

const params = z
  .strictObject({
    name: z
      .enum(names, { error: `name is ${oneOf(names)}` })
      .describe('Which error: who wrote it, and its status.'),
    format: z
      .enum(['json', 'html'], { error: 'format is json or html' })
      .optional()
      .describe('Form of the body of a Cloudflare error; default `json`, as in 2026 (`html` as in 2025).'),
    reason: z
      .enum(reasons, { error: `reason is ${oneOf(reasons)}` })
      .optional()
      .describe('Why Envoy gave up; default `connection-refused`.'),
    retry_after: z
      .int({ error: 'retry_after is whole seconds' })
      .min(0, { error: 'retry_after is whole seconds' })
      .optional()
      .describe("Seconds in Cloudflare's JSON (there is no such header); default 120."),
    headers: headersParam.optional(),
  })
  .check((context) => {
    const { name, format, reason, retry_after } = context.value;
    const error = edgeErrorByName(name)!;
    const refuse = (path: string, message: string): void => {
      context.issues.push({ code: 'custom', input: context.value, path: [path], message });
    };
    if (format !== undefined && !error.formats.includes(format)) {
      refuse('format', `${name} has no ${format} form, only ${error.formats.join(' and ')}: drop format`);
    }
    if (reason !== undefined && error.origin !== 'envoy') {
      refuse('reason', 'reason goes with name: envoy-503 alone: drop it');
    }
    const json = error.errorName !== null && format !== 'html';
    if (retry_after !== undefined && !json) {
      refuse('retry_after', `retry_after stands in Cloudflare's JSON, and this is none: drop it`);
    }
  });

/** Answers with an error page of Cloudflare or Envoy instead of forwarding the call. */
export const edgeError = defineFault({
  kind: 'edge-error',
  phase: 'exchange',
  changes: 'answer',
  summary: 'Answer with an error of Cloudflare or Envoy, which stand in front of the API.',
  details:
    'No `request-id`, no `anthropic-*` header, and often no JSON: clients must survive that. ' +
    '`cloudflare-502`, `cloudflare-524` and the JSON forms beside 522 are made by analogy; nobody has shown them.',
  params,
  example: { name: 'cloudflare-522', retry_after: 30 },
  plan: ({ name, format, reason, retry_after = 120, headers = [] }, { timeScale = 1 }) => {
    const error = edgeErrorByName(name)!;
    const chosen = format ?? error.formats[0]!;
    return ({ facts, wall, draw }) => {
      const answer = edgeAnswer(error, {
        format: chosen,
        host: facts.host,
        wall,
        ray: hex32(draw(0)) + hex32(draw(1)),
        colo: COLOS[Math.floor(draw(2) * COLOS.length)]!,
        envoyReason: reason ?? 'connection-refused',
        retryAfter: scaledSeconds(retry_after, timeScale),
      });
      return [{ do: 'respond', ...answer, headers: withOwnHeaders(answer.headers, headers) }];
    };
  },
});

function hex32(draw: number): string {
  return Math.floor(draw * 2 ** 32)
    .toString(16)
    .padStart(8, '0');
}
