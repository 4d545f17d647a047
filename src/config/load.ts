/**
 * Reads a config file, JSON or YAML alike, and remembers where each value stands, so that every error names its line
 * and column. Loaded only when a file is given: it brings the YAML parser.
 */
import { basename, dirname, resolve } from 'node:path';
import {
  type Document,
  isMap,
  isNode,
  isPair,
  isScalar,
  LineCounter,
  type Node,
  parseDocument,
  visit,
} from 'yaml';
import { Problem } from '../core/problem.ts';
import { PROTO_KEY, protoKeyIn } from '../core/proto-key.ts';
import { FLAGS } from './flags.ts';
import type { Layer } from './layer.ts';
import { didYouMean } from './nearest.ts';
import { configShape, uncheckedRulesSchema } from './schema.ts';
import { flawSentence } from './sentence.ts';
import { type Flaw, tellingFlaw, valueAt } from './telling-issue.ts';
import { readTextFile } from './text-file.ts';

/** A config file that was read and is right as far as the schema can tell. */
export interface ConfigFile extends Layer {
  /** As the user named it. */
  readonly file: string;
  /** As they stand in the file, not checked; undefined when the file has none. */
  readonly rules: readonly unknown[] | undefined;
  /** `aep.yaml:3:14`: where a value stands, or the innermost part of its path that exists. */
  position(path: readonly PropertyKey[]): string;
}

/** Most sentences that one file gets. */
const MOST = 10;

/**
 * Reads and checks a file.
 *
 * @param file as the user named it; relative to `cwd`
 * @param what what it is to the user, for errors
 * @throws Problem `file-not-found`, `no-permission`, or `bad-config` with one sentence per flaw, each with line and column
 */
export function loadConfigFile(file: string, cwd: string, what = 'the file of --config'): ConfigFile {
  return parseConfig(readTextFile(resolve(cwd, file), what), file, dirname(resolve(cwd, file)));
}

/** The same for a text at hand. `directory` is where relative paths in it start. */
export function parseConfig(text: string, file: string, directory: string): ConfigFile {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    // `true`, `42` and `null` only, no `yes` or octal surprises; and no date or binary types.
    version: '1.2',
    schema: 'core',
    customTags: [],
    merge: true,
    stringKeys: false,
  });
  const label = basename(file);
  const at = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return `${label}:${line}:${col}`;
  };
  const broken = document.errors[0] ?? document.warnings[0];
  if (broken) throw new Problem('bad-config', `${at(broken.pos[0])}: ${syntaxSentence(broken)}`);

  const position = (path: readonly PropertyKey[]): string => at(offsetOf(document, path));
  const root = document.contents;
  if (root === null || (isScalar(root) && root.value === null))
    return { file, rules: undefined, values: {}, directory, position, name: (key) => `${label}: ${key}` };
  if (!isMap(root))
    throw new Problem(
      'bad-config',
      `${at(0)}: a config file is a map of settings, such as "status_code: 529", and this is not`,
    );

  const value = plainValue(document, at);
  const proto = protoKeyIn(value);
  if (proto) throw new Problem('bad-config', `${position(proto)}: ${PROTO_KEY}`);
  const result = uncheckedRulesSchema.safeParse(value);
  if (!result.success) {
    const flaws = result.error.issues.flatMap((issue) => locatedFlaws(issue));
    const sentences = flaws
      .map((flaw) => ({ offset: offsetOf(document, flaw.at), flaw }))
      .sort((a, b) => a.offset - b.offset)
      .map(({ offset, flaw }) => `${at(offset)}: ${flawText(flaw, value)}`);
    const more = sentences.length - MOST;
    const shown = more > 0 ? [...sentences.slice(0, MOST), `and ${more} more`] : sentences;
    throw new Problem('bad-config', shown.join('\n'));
  }
  const { rules, ...values } = value as ConfigFile['values'] & { rules?: readonly unknown[] };
  return {
    file,
    rules,
    values,
    directory,
    position,
    name: (key) => `${position([key])}: ${key}`,
  };
}

function plainValue(document: Document.Parsed, at: (offset: number) => string): unknown {
  refuseSelfReference(document, at);
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    // An alias without its anchor, or a bomb of aliases.
    const told = why.startsWith('Excessive alias count')
      ? 'its aliases (*name) stand for more than 100 times what they name: write out what they stand for, or use fewer'
      : why;
    throw new Problem('bad-config', `${at(0)}: ${told}`);
  }
}

/** An anchor stands before its aliases, so what holds itself does so by an alias below its own anchor. */
function refuseSelfReference(document: Document.Parsed, at: (offset: number) => string): void {
  visit(document, {
    Alias(_key, alias, path) {
      const named = alias.resolve(document);
      if (named !== undefined && path.includes(named))
        throw new Problem(
          'bad-config',
          `${at(alias.range?.[0] ?? 0)}: *${alias.source} stands within what it names, and no value holds itself: write it out`,
        );
    },
  });
}

interface LocatedFlaw extends Flaw {
  /** Of the value, or of the key that is not known. */
  readonly at: readonly PropertyKey[];
}

/** One for each key that is not known, else one. */
function locatedFlaws(issue: Parameters<typeof tellingFlaw>[0]): LocatedFlaw[] {
  const flaw = tellingFlaw(issue);
  if (flaw.unknownKeys.length === 0) return [{ ...flaw, at: flaw.path }];
  return flaw.unknownKeys.map((key) => ({ ...flaw, unknownKeys: [key], at: [...flaw.path, key] }));
}

function flawText(flaw: LocatedFlaw, value: unknown): string {
  const [key] = flaw.unknownKeys;
  if (key !== undefined) return unknownKey(key, flaw.path);
  const path = flaw.path.map(String);
  return flawSentence(path.join('.'), path[0] ?? '', flaw, valueAt(value, flaw.path));
}

function unknownKey(key: string, path: readonly PropertyKey[]): string {
  if (path.length > 0) return `${path.map(String).join('.')} has no key ${key}`;
  const flag = FLAGS.find((one) => one.name === `--${key.replaceAll('_', '-')}`);
  if (flag?.key) return `${key} is not a key of a config file: write ${flag.key}`;
  if (flag) return `${key} is not a key of a config file: give ${flag.name} on the command line`;
  const guess = didYouMean(key, [...Object.keys(configShape), 'rules']);
  return `${key} is not a key of a config file.${guess || ' docs/cli.md lists those that there are.'}`;
}

/** Where the value at `path` starts; for a key, its own place. */
function offsetOf(document: Document.Parsed, path: readonly PropertyKey[]): number {
  let node: Node | null = document.contents;
  let offset = node?.range?.[0] ?? 0;
  for (const part of path) {
    const found = step(document, node, part);
    if (found === undefined) break;
    offset = found.offset;
    node = found.node;
  }
  return offset;
}

function step(
  document: Document.Parsed,
  node: Node | null,
  part: PropertyKey,
): { offset: number; node: Node | null } | undefined {
  const inner = node && 'resolve' in node ? (node.resolve(document) ?? null) : node;
  if (inner === null || !('items' in inner)) return undefined;
  if (typeof part === 'number') {
    const item = inner.items[part];
    return isNode(item) ? { offset: item.range?.[0] ?? 0, node: item } : undefined;
  }
  for (const pair of inner.items) {
    if (!isPair(pair) || !isScalar(pair.key) || String(pair.key.value) !== part) continue;
    const value = isNode(pair.value) ? pair.value : null;
    return { offset: pair.key.range?.[0] ?? 0, node: value };
  }
  return undefined;
}

function syntaxSentence(error: { code: string; message: string }): string {
  const said = SYNTAX[error.code];
  if (/call stack/.test(error.message)) return 'this is nested too deeply';
  return said ?? `this is neither JSON nor YAML: ${error.message}`;
}

/** The parser's commonest complaints, in plainer words. */
const SYNTAX: Readonly<Record<string, string>> = {
  DUPLICATE_KEY: 'this key was given before: keep one of the two',
  TAB_AS_INDENT: 'a tab stands where YAML wants spaces: indent with spaces',
  MULTIPLE_DOCS: 'a second document starts here: a config file is one document',
  TAG_RESOLVE_FAILED: 'this tag (!…) means nothing here: leave it out',
};
