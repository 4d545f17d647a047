/**
 * CEL over the JSON of a request, with a meter: each part of an expression that is evaluated takes a step, and long
 * texts, lists and objects take more. The library has no such limit, so its evaluator is given one here.
 */
import { Environment } from '@marcbachmann/cel-js';
import { LinearRegex } from './linear-regex.ts';
import { MOST_STEPS } from './most-steps.ts';

/** Expressions that are evaluated in what is left of the steps, one at a time. */
export interface Expression {
  /**
   * @returns what it says of this JSON
   * @throws TooCostly; or what the library throws where a field is not there, or is of another type
   */
  evaluate(json: unknown): unknown;
}

/** The expression was given up: it took all its steps. */
export class TooCostly extends Error {}

/** Made once: what it interrupts catches errors and goes on, and one that is made anew costs as much as a thousand steps. */
const TOO_COSTLY = new TooCostly('too many steps');

/** Characters of a text that are as much work as a step, for a function that goes through it. */
const CHARS_A_STEP = 8;
/** Steps to list a key of an object. */
const KEY_STEPS = 20;
/** Steps to compare a thing that a list or an object holds. */
const COMPARE_STEPS = 2;
/** An error of the library draws the place where it happened. */
const ERROR_STEPS = 1000;
/** The longest text that is made a number or a time of. */
const LONGEST_NUMBER = 200;

/** The parts of the library that are used beyond what its types tell. `test/` holds it to this. */
interface Node {
  readonly op: string;
  args: unknown;
  evaluate(evaluator: Evaluator, node: Node, context: unknown): unknown;
}
interface Evaluator {
  run(node: Node, context: unknown): unknown;
  tryEval(node: Node, context: unknown): unknown;
}

/**
 * Functions that search one text for another, which takes the product of their lengths at the worst; ours count that.
 * `pairs` of characters are as much work as a step.
 */
const SEARCHES: Readonly<
  Record<string, { returns: string; pairs: number; search: (text: string, part: string) => unknown }>
> = {
  contains: { returns: 'bool', pairs: 128, search: (text, part) => text.includes(part) },
  indexOf: { returns: 'int', pairs: 128, search: (text, part) => BigInt(text.indexOf(part)) },
  lastIndexOf: { returns: 'int', pairs: 32, search: (text, part) => BigInt(text.lastIndexOf(part)) },
  split: { returns: 'list<string>', pairs: 128, search: (text, part) => text.split(part) },
};

/** Stands behind the name of a function that is ours instead of the library's. */
const OURS = '_metered';
/** Parts that only hand on what was counted already: the list that a loop gathers, and a choice. */
const HANDS_ON = new Set(['accuPush', 'accuValue', '?:']);
/** Functions whose operands have a role. */
const CALLS: ReadonlyMap<string, Role> = new Map([
  ['size', 'counted'],
  ...['int', 'uint', 'double', 'bool', 'timestamp', 'duration'].map((name) => [name, 'number'] as const),
]);

/**
 * What an operand is for, where that says what it takes: one thing of it is `looked-up`; `compared` is all that it holds,
 * and so is what a list holds that is `searched`; a text's characters are `counted`; a text becomes a `number`.
 */
type Role = 'looked-up' | 'compared' | 'searched' | 'counted' | 'number';

export class MeteredLanguage {
  readonly #environment: Environment;
  #left = 0;
  readonly #roles = new WeakMap<object, Role>();
  /** How many keys an object has, counted once. */
  readonly #keys = new WeakMap<object, number>();
  readonly #regexes = new Map<string, LinearRegex>();

  constructor() {
    this.#environment = new Environment({
      homogeneousAggregateLiterals: false,
      enableOptionalTypes: true,
    }).registerVariable('body', 'dyn');
    for (const [name, { returns, pairs, search }] of Object.entries(SEARCHES)) {
      const signature = `string.${name}${OURS}(string): ${returns}`;
      this.#environment.registerFunction(signature, (text: string, part: string) => {
        this.#take((text.length * part.length) / pairs);
        return search(text, part);
      });
    }
    this.#environment.registerFunction(
      `string.matches${OURS}(string): bool`,
      (text: string, source: string) => {
        const regex = this.#regexes.get(source)!;
        this.#take(regex.steps(text));
        return regex.test(text);
      },
    );
    this.#meter();
  }

  /**
   * @returns the expression and its type
   * @throws Error, or one of the library's, with what is wrong with it
   */
  compile(source: string): Expression & { readonly type: string } {
    const parsed = this.#environment.parse(source);
    this.#prepare(parsed.ast as unknown as Node);
    const { valid, type, error } = parsed.check();
    if (!valid) throw new Error(error?.message.replaceAll(OURS, '') ?? 'unknown error');
    return {
      type: type ?? 'dyn',
      evaluate: (json) => {
        this.#left = MOST_STEPS;
        const result: unknown = parsed({ body: json });
        if (this.#left < 0) throw TOO_COSTLY;
        return result;
      },
    };
  }

  /** Puts our functions in the place of the library's, and notes what takes more than its share. */
  #prepare(part: unknown): void {
    if (Array.isArray(part)) {
      for (const one of part) this.#prepare(one);
      return;
    }
    if (typeof part !== 'object' || part === null || !('op' in part)) return;
    const node = part as Node;
    const args = node.args as unknown[];
    switch (node.op) {
      case 'rcall':
        this.#prepareMethod(args);
        break;
      case 'call':
        this.#note(args[1] as readonly object[], CALLS.get(args[0] as string));
        break;
      case '==':
      case '!=':
        this.#note(args as readonly object[], 'compared');
        break;
      case 'in':
        this.#note([args[1] as object], 'searched');
        break;
      case '.':
      case '.?':
      case '[]':
      case '[?]':
        this.#note([args[0] as object], 'looked-up');
        break;
    }
    this.#prepare(args);
  }

  #note(operands: readonly object[], role: Role | undefined): void {
    if (role !== undefined) for (const operand of operands) this.#roles.set(operand, role);
  }

  /** @param args of a call on a receiver: its name, the receiver, the operands */
  #prepareMethod(args: unknown[]): void {
    const [name, receiver, operands] = args as [string, object, readonly Node[]];
    if (name === 'size') this.#note([receiver], 'counted');
    if (name === 'matches') this.#prepareRegex(operands);
    if (operands.length === 1 && (name === 'matches' || Object.hasOwn(SEARCHES, name)))
      args[0] = `${name}${OURS}`;
  }

  #prepareRegex([operand]: readonly Node[]): void {
    if (operand?.op !== 'value' || typeof operand.args !== 'string')
      throw new Error('matches() takes its regular expression as a text that is written out, such as "^a+$"');
    this.#regexes.set(operand.args, new LinearRegex(operand.args));
  }

  /** Puts the meter where all parts of all expressions pass. */
  #meter(): void {
    const evaluator = this.#evaluator();
    const run = (node: Node, context: unknown): unknown => {
      if (--this.#left < 0) throw TOO_COSTLY;
      const value = node.evaluate(evaluator, node, context);
      if (
        typeof value === 'string' ? value.length >= CHARS_A_STEP : typeof value === 'object' && value !== null
      )
        this.#take(this.#stepsOf(value as string | object, node));
      return value;
    };
    evaluator.run = run;
    evaluator.tryEval = (node, context) => {
      try {
        return run(node, context);
      } catch (error) {
        this.#take(ERROR_STEPS);
        if (error === TOO_COSTLY) throw error;
        return error;
      }
    };
  }

  /** The library keeps its evaluator to itself, but hands it to each part of an expression. */
  #evaluator(): Evaluator {
    let found: Evaluator | undefined;
    const probe = this.#environment.parse('true');
    (probe.ast as unknown as Node).evaluate = (evaluator) => {
      found = evaluator;
      return true;
    };
    probe({});
    if (typeof found?.run !== 'function' || typeof found.tryEval !== 'function')
      throw new Error('this version of cel-js has another evaluator: expressions cannot be bounded in it');
    return found;
  }

  #take(steps: number): void {
    this.#left -= steps;
    if (this.#left < 0) throw TOO_COSTLY;
  }

  #stepsOf(value: string | object, node: Node): number {
    if (HANDS_ON.has(node.op)) return 0;
    const role = this.#roles.get(node);
    if (typeof value === 'string') {
      if (role === 'number' && value.length > LONGEST_NUMBER) return MOST_STEPS + 1;
      return role === 'counted' ? value.length : value.length / CHARS_A_STEP;
    }
    if (role === 'looked-up') return 0;
    const list = Array.isArray(value);
    if (role === 'compared' || (role === 'searched' && list)) return COMPARE_STEPS * thingsIn(value);
    if (list || ArrayBuffer.isView(value)) return (value as ArrayLike<unknown>).length;
    if (role === 'searched') return 0;
    let keys = this.#keys.get(value);
    if (keys === undefined) this.#keys.set(value, (keys = Object.keys(value).length));
    return keys * KEY_STEPS;
  }
}

/** Counts what lies in a list or an object, and long texts by their length. Without recursion: a client nests as it likes. */
function thingsIn(value: object): number {
  let things = 0;
  const open: unknown[] = [value];
  while (open.length > 0 && things <= MOST_STEPS) {
    const one = open.pop();
    things += typeof one === 'string' ? 1 + one.length / CHARS_A_STEP : 1;
    if (typeof one === 'object' && one !== null) for (const inner of Object.values(one)) open.push(inner);
  }
  return things;
}
