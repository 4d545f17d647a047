/** `refuse-connect`: a forward proxy that does not open the tunnel. */
import { z } from 'zod';
import type { Header } from '../facts.ts';
import { reasonPhrase } from '../http1/reason.ts';
import { defineFault } from './fault.ts';
import { headersParam, withOwnHeaders } from './headers-param.ts';

/** Answers CONNECT with an error. */
export const refuseConnect = defineFault({
  kind: 'refuse-connect',
  phase: 'connection',
  changes: 'answer',
  summary: 'Refuse the tunnel: answer CONNECT with an error status.',
  details:
    'What a corporate proxy does: 502 or 503 when it cannot reach the API, 407 when it wants credentials (with ' +
    '`proxy-authenticate: Basic`), 403 when its policy forbids the host. Clients see a proxy error, never an answer of ' +
    'the API. Acts on CONNECT alone: calls by base URL have no tunnel.',
  params: z.strictObject({
    status: z
      .int({ error: 'status is a whole number from 400 to 599' })
      .min(400, { error: 'status is a whole number from 400 to 599' })
      .max(599, { error: 'status is a whole number from 400 to 599' })
      .default(502)
      .describe('Status of the refusal; default 502.'),
    body: z.string().default('').describe('Text sent with the refusal; clients do not show it as a rule.'),
    headers: headersParam.optional(),
  }),
  example: { status: 407 },
  plan: ({ status, body, headers: own = [] }) => {
    const ours: Header[] = [];
    if (status === 407) ours.push(['Proxy-Authenticate', 'Basic realm="proxy"']);
    if (body !== '') ours.push(['Content-Type', 'text/plain; charset=utf-8']);
    const headers = withOwnHeaders(ours, own);
    const effects = Object.freeze([
      { do: 'refuse', status, reason: reasonPhrase(status), headers, body } as const,
    ]);
    return () => effects;
  },
});
