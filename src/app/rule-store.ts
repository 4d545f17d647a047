/**
 * The rules of a run, by name: whoever changes them does it here, and every change is whole. The next rules are compiled
 * first; then counters of those that stay go over, the proxies are given the new set, and the run is told.
 */
import { randomInt } from 'node:crypto';
import { boundRules, carryBounds, type RuleBounds } from '../config/bounded-rules.ts';
import type { Clock } from '../core/clock.ts';
import { DURATION_HELP, parseDuration } from '../core/duration.ts';
import type { EventSink } from '../core/events.ts';
import { Problem } from '../core/problem.ts';
import { carryOver } from '../core/rules/carry-over.ts';
import { compileRules, type RuleEnv } from '../core/rules/compile.ts';
import type { RuleSet } from '../core/rules/decision.ts';
import type { ArmedRules } from '../core/rules/rule-set.ts';
import { systemClock } from '../engine/transport/system-clock.ts';

/** What rules of a store are compiled for, and where they may act. */
export interface RuleSettings {
  /** Draws come from it; a drawn one by default. */
  readonly seed?: string;
  /** Texts of injected errors. Default `simulated`. */
  readonly messages?: RuleEnv['messages'];
  /** So many times faster than real time. Default 1. */
  readonly timeScale?: number;
  /** `max_errors` and `only_path`, over all rules. */
  readonly bounds?: RuleBounds;
  /** Compiles these rules instead of `compileRules`: says where in a file a flaw is, or repeats a recording. */
  readonly compile?: (rules: readonly unknown[], env: RuleEnv) => ArmedRules;
}

export interface RuleStoreOptions extends RuleSettings {
  /** Rules expire by it; that of the proxy that they are for. */
  readonly clock?: Clock;
  /** Which calls are numbered here, where several processes arm the same rules; when time began for them; where they remember. */
  readonly shared?: Pick<RuleEnv, 'share' | 'armedAt' | 'memory'>;
}

/** How a rule is put among the others. */
export interface Arming {
  /** It is removed after this time: `30s`, `10m`. It stays by default. */
  readonly ttl?: string;
  /** Among the others, where it takes no rule's place: the first that matches and fires wins. Default `first`. */
  readonly at?: 'first' | 'last';
}

/** A rule as the store has it. */
export interface StoredRule {
  /** As given, or the kind of its first fault and a number. It keeps it, whatever comes before it later. */
  readonly name: string;
  /** As it was given. */
  readonly rule: unknown;
  /** Milliseconds until it is removed. */
  readonly expiresIn?: number;
}

/** Whoever decides by the rules of a store. */
export interface RuleUser {
  replaceRules(rules: RuleSet): void;
  /** Told `rules.armed` with each change. */
  readonly sink?: EventSink;
}

type Kept = Required<Pick<RuleSettings, 'seed' | 'messages' | 'timeScale'>> & Pick<RuleSettings, 'bounds'>;

interface Entry {
  readonly rule: unknown;
  /** On the clock. */
  readonly until: number | undefined;
}

/**
 * Rules with names, which may be changed while calls are under way: each call is decided by the rules before a change
 * or those after it, and rules that did not change keep their counts.
 *
 * @example
 * ```ts
 * const rules = new RuleStore([{ name: 'busy', fault: 'overloaded', trigger: { probability: 0.1 } }], { seed: '42' });
 * const proxy = await startProxy({ rules });
 * rules.arm({ name: 'outage', fault: 'overloaded' }, { ttl: '30s' });
 * rules.remove('busy');
 * rules.list(); // [{ name: 'outage', rule: { … }, expiresIn: 30000 }]
 * ```
 */
export class RuleStore {
  /** Rules expire by it. */
  readonly clock: Clock;
  readonly #shared: RuleStoreOptions['shared'];
  readonly #users = new Set<RuleUser>();
  #settings: Kept;
  #entries: readonly Entry[] = [];
  #armed: ArmedRules;
  #current: RuleSet;
  #stopTimer: (() => void) | undefined;

  /**
   * @param rules as under `rules:` in a config file
   * @throws RulesProblem with every flaw, each with its cure
   */
  constructor(rules: readonly unknown[] = [], options: RuleStoreOptions = {}) {
    const { clock = systemClock, shared, seed, messages, timeScale, bounds, compile } = options;
    this.clock = clock;
    this.#shared = shared;
    this.#settings = {
      seed: seed ?? String(randomInt(1_000_000_000)),
      messages: messages ?? 'simulated',
      timeScale: timeScale ?? 1,
      ...(bounds && { bounds }),
    };
    this.#entries = rules.map((rule) => ({ rule, until: undefined }));
    this.#armed = this.#compile(this.#entries, this.#settings, compile);
    this.#current = boundRules(this.#armed, bounds ?? NO_BOUNDS);
  }

  /** What new calls are decided by, within its bounds. */
  get current(): RuleSet {
    return this.#current;
  }

  /** The rules themselves, compiled. */
  get armed(): ArmedRules {
    return this.#armed;
  }

  /** Names of the rules, once each, in order. */
  get names(): readonly string[] {
    return namesOf(this.#armed);
  }

  /** The rules in order, as they are now. */
  list(): readonly StoredRule[] {
    const now = this.clock.now();
    return this.#entries.map(({ rule, until }, i) => ({
      name: this.names[i]!,
      rule,
      ...(until === undefined ? {} : { expiresIn: Math.max(0, until - now) }),
    }));
  }

  /**
   * Arms a rule: in place of the one that has its name, else before the others.
   *
   * @returns its name
   * @throws RulesProblem for a flaw in it, Problem `bad-option` for one in `arming`; then nothing has changed
   */
  arm(rule: unknown, { ttl, at = 'first' }: Arming = {}): string {
    const entry: Entry = { rule, until: ttl === undefined ? undefined : this.clock.now() + msOf(ttl) };
    const named = (rule as { readonly name?: unknown } | null)?.name;
    const place = typeof named === 'string' ? this.names.indexOf(named) : -1;
    const entries =
      place >= 0
        ? this.#entries.with(place, entry)
        : at === 'first'
          ? [entry, ...this.#entries]
          : [...this.#entries, entry];
    this.#put(entries, this.#settings);
    return this.names[entries.indexOf(entry)]!;
  }

  /**
   * Takes other rules instead of all there are, and other settings if need be; what is not named stays.
   *
   * @returns names of the rules that kept their counts
   * @throws what compiling them throws; then nothing has changed
   */
  replace(rules: readonly unknown[], { compile, ...settings }: RuleSettings = {}): readonly string[] {
    const entries = rules.map((rule): Entry => ({ rule, until: undefined }));
    return this.#put(entries, { ...this.#settings, ...settings }, compile ?? compileRules);
  }

  /** Removes a rule. @returns false if there is none of that name */
  remove(name: string): boolean {
    const place = this.names.indexOf(name);
    if (place < 0) return false;
    this.#put(
      this.#entries.filter((_, i) => i !== place),
      this.#settings,
    );
    return true;
  }

  /**
   * Gives the rules, now and after each change, to one who decides by them. `startProxy()` does it.
   *
   * @returns a function that ends it; with the last of them rules wait with expiring until the next
   */
  attach(user: RuleUser): () => void {
    this.#users.add(user);
    if (!this.#expire()) this.#give([user]);
    this.#setTimer();
    return () => {
      this.#users.delete(user);
      this.#setTimer();
    };
  }

  #put(entries: readonly Entry[], settings: Kept, compile = compileAmongOthers): readonly string[] {
    const next = this.#compile(entries, settings, compile, this.#armed);
    const kept = carryOver(this.#armed, next);
    const bounded = boundRules(next, settings.bounds ?? NO_BOUNDS);
    carryBounds(this.#current, bounded);
    this.#armed = next;
    this.#current = bounded;
    this.#entries = entries;
    this.#settings = settings;
    this.#give(this.#users);
    this.#setTimer();
    return kept;
  }

  #compile(
    entries: readonly Entry[],
    { seed, messages, timeScale }: Kept,
    compile: NonNullable<RuleSettings['compile']> = compileRules,
    before?: ArmedRules,
  ): ArmedRules {
    return compile(
      entries.map(({ rule }) => rule),
      {
        ...{ seed, messages, timeScale },
        // Time zero is now, not the first call; the engine's clock is the same.
        armedAt: this.clock.now(),
        ...this.#shared,
        ...(before && { before: before.rules }),
      },
    );
  }

  #give(users: Iterable<RuleUser>): void {
    for (const user of users) {
      user.replaceRules(this.#current);
      const { seed } = this.#armed;
      user.sink?.emit({ v: 1, type: 'rules.armed', at: this.clock.wall(), seed, rules: this.names });
    }
  }

  /** @returns true if there were rules to remove */
  #expire(): boolean {
    const now = this.clock.now();
    const left = this.#entries.filter(({ until }) => until === undefined || until > now);
    if (left.length === this.#entries.length) return false;
    this.#put(left, this.#settings);
    return true;
  }

  /** One timer, for the rule that expires first, while somebody decides by the rules. */
  #setTimer(): void {
    this.#stopTimer?.();
    this.#stopTimer = undefined;
    if (this.#users.size === 0) return;
    const first = Math.min(...this.#entries.map(({ until }) => until ?? Number.POSITIVE_INFINITY));
    if (first === Number.POSITIVE_INFINITY) return;
    this.#stopTimer = this.clock.after(Math.max(0, first - this.clock.now()), () => {
      // A timer may run a little early.
      if (!this.#expire()) this.#setTimer();
    });
  }
}

/** A rule that is armed for a while may keep all calls from those below it. */
const compileAmongOthers: NonNullable<RuleSettings['compile']> = (rules, env) =>
  compileRules(rules, { ...env, mayWait: true });

const NO_BOUNDS: RuleBounds = { maxErrors: undefined, onlyPath: undefined };

function namesOf(rules: ArmedRules): readonly string[] {
  return [...new Set(rules.rules.map(({ name }) => name))];
}

function msOf(ttl: string): number {
  const ms = parseDuration(ttl);
  if (ms !== undefined) return ms;
  throw new Problem('bad-option', `ttl ${JSON.stringify(ttl)} is no duration: write ${DURATION_HELP}`);
}
