/** A web page where an answer should be. */
import { z } from 'zod';
import { defineFault } from './fault.ts';
import { replaceBody } from './whole-body.ts';

/** What a login portal or a misconfigured gateway shows; made up, no page of the API is known to come with 200. */
const PAGE =
  '<!DOCTYPE html>\n<html>\n<head><title>Sign in to continue</title></head>\n' +
  '<body><h1>Sign in to continue</h1><p>Your network requires you to sign in.</p></body>\n</html>\n';

export const bodyHtml = defineFault({
  kind: 'body-html',
  phase: 'exchange',
  changes: 'body',
  summary: 'Answer 200 with an HTML page.',
  details:
    'As a captive portal or a misconfigured gateway does. Acts on JSON answers and on streams; the upstream is called ' +
    'and its answer dropped. For the HTML pages that come with an error status, see `edge-error`.',
  params: z.strictObject({
    html: z.string().default(PAGE).describe('The page.'),
  }),
  example: {},
  plan: ({ html }) => {
    const effects = replaceBody('HTML body', () => html, 'text/html; charset=UTF-8');
    return () => effects;
  },
});
