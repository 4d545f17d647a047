/** What is wrong with a set of rules, and where: `config/` turns the paths into lines and columns. */
import type { z } from 'zod';
import { Problem } from '../problem.ts';
import { allowedKeys } from './allowed-keys.ts';
import { didYouMean } from './nearest.ts';
import type { RulePath } from './rule-path.ts';

export interface RuleIssue {
  readonly path: RulePath;
  /** One sentence with the cure. */
  readonly message: string;
}

/** Refuses a set of rules whole; holds every issue found. */
export class RulesProblem extends Problem {
  readonly issues: readonly RuleIssue[];

  constructor(issues: readonly RuleIssue[]) {
    super('bad-rule', issues.map(({ path, message }) => `${pathText(path)}: ${message}`).join('\n'));
    this.issues = issues;
  }
}

/** `rules[1].when.model`. */
export function pathText(path: RulePath): string {
  return `rules${path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${part}`)).join('')}`;
}

type Issue = z.core.$ZodIssue;

/**
 * The issues of a failed check as sentences.
 *
 * @param path where the checked value stands
 * @param schema what it was checked by
 */
export function issuesFromZod(
  error: z.core.$ZodError,
  path: RulePath,
  schema: z.core.$ZodType,
): readonly RuleIssue[] {
  return told(error.issues, [], schema).map((issue) => ({ ...issue, path: [...path, ...issue.path] }));
}

function told(issues: readonly Issue[], path: RulePath, schema: z.core.$ZodType): readonly RuleIssue[] {
  // A mapping with a wrong key also lacks the right one: the wrong key is all that needs saying.
  const strange = issues.filter(({ code }) => code === 'unrecognized_keys').map((issue) => issue.path);
  const within = (issue: Issue): boolean =>
    strange.some((place) => place.every((part, i) => part === issue.path[i]));
  return issues
    .filter((issue) => issue.code !== 'custom' || !within(issue))
    .flatMap((issue) => {
      const at = [...path, ...issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part))];
      if (issue.code === 'invalid_union') return fromUnion(issue, at, schema);
      if (issue.code !== 'unrecognized_keys') return [{ path: at, message: sentence(issue) }];
      const known = allowedKeys(schema, at);
      return issue.keys.map((key) => ({
        path: [...at, key],
        message: `unknown key ${JSON.stringify(key)}.${didYouMean(key, known) || (known.length > 0 ? ` Known: ${known.join(', ')}.` : '')}`,
      }));
    });
}

/** Of the forms that a value may have, the complaints of the one that it was most likely meant to be. */
function fromUnion(
  union: z.core.$ZodIssueInvalidUnion,
  at: RulePath,
  schema: z.core.$ZodType,
): readonly RuleIssue[] {
  const meant = union.errors
    .filter((issues) => issues.length > 0 && !issues.some(isWrongForm))
    .sort((a, b) => unknownKeys(a) - unknownKeys(b) || a.length - b.length)[0];
  if (meant !== undefined) return told(meant, at, schema);
  return [{ path: at, message: ownWords(union) ?? `expected ${formOf(union)}` }];
}

function unknownKeys(issues: readonly Issue[]): number {
  return issues.filter((issue) => issue.code === 'unrecognized_keys').length;
}

function isWrongForm(issue: Issue): boolean {
  if (issue.path.length > 0) return false;
  return (
    issue.code === 'invalid_type' ||
    issue.code === 'invalid_value' ||
    (issue.code === 'invalid_union' && issue.errors.every((branch) => branch.some(isWrongForm)))
  );
}

const FORMS: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping of keys',
  record: 'a mapping of keys',
};

function formOf(issue: Issue): string {
  if (issue.code === 'invalid_type') return FORMS[issue.expected] ?? issue.expected;
  if (issue.code === 'invalid_value') return issue.values.map((value) => JSON.stringify(value)).join(' or ');
  if (issue.code === 'invalid_union') {
    return [...new Set(issue.errors.flatMap((branch) => branch.filter(isWrongForm).map(formOf)))].join(
      ' or ',
    );
  }
  return issue.message;
}

/** The schema's own message, where its author wrote one. */
function ownWords(issue: Issue): string | undefined {
  return issue.message.startsWith('Invalid ') ? undefined : issue.message;
}

function sentence(issue: Issue): string {
  if (issue.code === 'invalid_type' || issue.code === 'invalid_value') {
    const missing = issue.message.endsWith('received undefined') ? 'missing: ' : '';
    return ownWords(issue) ?? `${missing}expected ${formOf(issue)}`;
  }
  if (issue.code === 'invalid_key') return issue.issues.map((inner) => inner.message).join('; ');
  return issue.message;
}
