import { Environment } from '@marcbachmann/cel-js';
import { z } from 'zod';
import { bodyVerdict } from './body-verdict.ts';
import { defineMatcher } from './matcher.ts';

let language: Environment | undefined;

/** One language for all expressions: `body` is the parsed JSON of the request, of any shape. Made when a rule needs it. */
function theLanguage(): Environment {
  language ??= new Environment({
    homogeneousAggregateLiterals: false,
    enableOptionalTypes: true,
  }).registerVariable('body', 'dyn');
  return language;
}

/** What is wrong with an expression, in one line; undefined when it is sound. */
function fault(source: string): string | undefined {
  const { valid, type, error } = theLanguage().check(source);
  if (!valid) {
    // What follows the first line is a drawing of the place: errors are one line.
    const why = error?.message.split('\n')[0]?.trim() ?? 'unknown error';
    return `not a CEL expression over \`body\` (${why}): write one such as body.max_tokens > 1000`;
  }
  if (type !== 'bool' && type !== 'dyn')
    return `a condition is true or false, but this expression is a ${type}`;
  return undefined;
}

/** An expression over the request's JSON, in the Common Expression Language (https://cel.dev): no loops, no side effects. */
export const body = defineMatcher({
  key: 'body',
  phase: 'exchange',
  reads: 'body',
  summary:
    'This CEL expression over the request (`body`: its JSON) is true. A field that is not there makes it false; test it with `has(body.field)`.',
  params: z.string().superRefine((source, context) => {
    const message = fault(source);
    if (message !== undefined) context.addIssue({ code: 'custom', message });
  }),
  examples: [
    'size(body.messages) > 10',
    'has(body.tools) && body.tools.exists(tool, tool.name == "Bash")',
    'body.max_tokens >= 32000 || has(body.thinking)',
  ],
  compile: (source) => {
    const evaluate = theLanguage().parse(source);
    return {
      test: (facts) =>
        bodyVerdict(facts, () => {
          try {
            return evaluate({ body: facts.body.json }) === true;
          } catch {
            return false;
          }
        }),
      explain: () => `body satisfies \`${source}\``,
    };
  },
});
