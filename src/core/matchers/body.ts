import { z } from 'zod';
import { bodyVerdict } from './body-verdict.ts';
import { defineMatcher } from './matcher.ts';
import { MeteredLanguage, TooCostly } from './metered-language.ts';
import { tooManySteps } from './most-steps.ts';

let language: MeteredLanguage | undefined;

/** One language for all expressions: `body` is the parsed JSON of the request, of any shape. Made when a rule needs it. */
function theLanguage(): MeteredLanguage {
  language ??= new MeteredLanguage();
  return language;
}

/** What is wrong with an expression, in one line; undefined when it is sound. */
function fault(source: string): string | undefined {
  try {
    const { type } = theLanguage().compile(source);
    return type === 'bool' || type === 'dyn'
      ? undefined
      : `a condition is true or false, but this expression is a ${type}`;
  } catch (error) {
    // What follows the first line is a drawing of the place: errors are one line.
    const why = (error as Error).message.split('\n')[0]?.trim();
    return `not a CEL expression over \`body\` (${why}): write one such as body.max_tokens > 1000`;
  }
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
    const expression = theLanguage().compile(source);
    return {
      test: (facts, memory) =>
        bodyVerdict(facts, () => {
          try {
            return expression.evaluate(facts.body.json) === true;
          } catch (error) {
            if (!(error instanceof TooCostly)) return false;
            memory.tooCostly?.(tooManySteps(`the expression \`${source}\``));
            return undefined;
          }
        }),
      explain: () => `body satisfies \`${source}\``,
    };
  },
});
