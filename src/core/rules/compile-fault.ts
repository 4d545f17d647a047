/** Faults of a rule: from what the file says to programs that plan effects. */
import type { Effect } from '../effect.ts';
import type { Phase } from '../facts.ts';
import { readAlias } from '../faults/aliases.ts';
import type {
  AnyFaultDefinition,
  FaultDefinition,
  FaultEnv,
  PlanContext,
  SettledAt,
  StatefulFaultDefinition,
  Step,
} from '../faults/fault.ts';
import type { Outcome } from './decision.ts';
import { didYouMean } from './nearest.ts';
import type { RulePath } from './rule-path.ts';
import { issuesFromZod, type RuleIssue } from './rule-problem.ts';
import type { FaultSpec } from './spec.ts';
import { scaleEffects } from './time-scale.ts';

/** The faults and presets that rules may name. */
export interface FaultLibrary {
  /** By kind. */
  readonly catalogue: ReadonlyMap<string, AnyFaultDefinition>;
  /** Faults with their parameters under a name of their own, such as `overloaded`. */
  readonly presets: ReadonlyMap<string, { readonly fault: { readonly kind: string } }>;
}

/** A memory and what to do with it; made anew for each armed rule. */
export interface FaultMemory {
  step(context: PlanContext<'exchange'>): Step<unknown>;
  settle(ticket: unknown, outcome: Outcome, at: SettledAt): void;
  show(): unknown;
}

export interface CompiledFault {
  readonly kind: string;
  readonly phase: Phase;
  readonly readsBody: boolean;
  readonly readsUsage: boolean;
  /** As a person would name it: the preset, or kind and parameters. */
  readonly label: string;
  /** What the file says, without the kind, or what the preset stands for. */
  readonly params: Readonly<Record<string, unknown>>;
  readonly path: RulePath;
  /** Number of the fault in its rule, from 0, over all outcomes: its draws come from it. */
  readonly position: number;
  readonly plan: ((context: PlanContext<Phase>) => readonly Effect[]) | undefined;
  /** Instead of `plan`, for a fault with a memory. */
  readonly remember: (() => FaultMemory) | undefined;
}

/** Compiles one fault; adds to `issues` and returns undefined when it cannot. */
export function compileFault(
  spec: FaultSpec,
  path: RulePath,
  position: number,
  library: FaultLibrary,
  env: FaultEnv,
  issues: RuleIssue[],
): CompiledFault | undefined {
  const other = ownWords(spec, path, library, issues);
  if (other === 'refused') return undefined;
  if (other !== undefined) return compileFault(other, path, position, library, env, issues);
  const preset = typeof spec === 'string' ? presetOf(spec, library) : undefined;
  if (typeof spec === 'string' && preset === undefined) {
    issues.push({ path, message: unknownName(spec, library) });
    return undefined;
  }
  const { kind, ...params } = (preset ?? spec) as { kind: string } & Record<string, unknown>;
  const definition = library.catalogue.get(kind);
  if (definition === undefined) {
    issues.push({ path: [...path, 'kind'], message: unknownKind(kind, library) });
    return undefined;
  }
  const checked = definition.params.safeParse(params);
  if (!checked.success) {
    const found = issuesFromZod(checked.error, path, definition.params);
    if (preset === undefined || Object.keys(preset).length > 1) issues.push(...found);
    else {
      issues.push({
        path,
        message: `${spec as string} needs parameters: ${found[0]!.message} (${found[0]!.path.slice(path.length).join('.')}). Write { kind: ${kind}, … }.`,
      });
    }
    return undefined;
  }
  return {
    kind,
    phase: definition.phase,
    readsBody: definition.readsBody?.(checked.data, env) ?? false,
    readsUsage: ('readsUsage' in definition && definition.readsUsage) ?? false,
    label: typeof spec === 'string' ? spec : labelOf(kind, params),
    params,
    path,
    position,
    ...programOf(definition, checked.data, env),
  };
}

/** The kind of a fault that is named in any way; its name where that means nothing. */
export function kindOf(spec: FaultSpec, library: FaultLibrary): string {
  const { kind, ...params } = typeof spec === 'string' ? { kind: spec } : spec;
  const read = readAlias(kind, params, (name) => library.catalogue.has(name));
  if (read !== undefined && 'fault' in read) return read.fault.kind;
  return typeof spec === 'string' ? (library.presets.get(kind)?.fault.kind ?? kind) : kind;
}

/** A fault of another tool in our own words; undefined when it is in ours already. */
function ownWords(
  spec: FaultSpec,
  path: RulePath,
  library: FaultLibrary,
  issues: RuleIssue[],
): FaultSpec | 'refused' | undefined {
  const { kind, ...params } = typeof spec === 'string' ? { kind: spec } : spec;
  const read = readAlias(kind, params, (name) => library.catalogue.has(name));
  if (read === undefined) return undefined;
  if ('fault' in read) return read.fault;
  if ('unlike' in read) issues.push({ path, message: `${kind} is not known here: ${read.unlike}` });
  else if ('misplaced' in read) issues.push({ path: [...path, read.misplaced], message: read.cure });
  else issues.push(...issuesFromZod(read.error, path, read.params));
  return 'refused';
}

/** A preset by name; a kind that needs no parameters may be named as well. */
function presetOf(name: string, library: FaultLibrary): { readonly kind: string } | undefined {
  return library.presets.get(name)?.fault ?? (library.catalogue.has(name) ? { kind: name } : undefined);
}

function programOf(
  definition: AnyFaultDefinition,
  params: unknown,
  env: FaultEnv,
): Pick<CompiledFault, 'plan' | 'remember'> {
  const { timeScale = 1 } = env;
  if ('plan' in definition) {
    const plan = (definition as FaultDefinition).plan(params, env) as NonNullable<CompiledFault['plan']>;
    return {
      plan: timeScale === 1 ? plan : (context) => scaleEffects(plan(context), timeScale),
      remember: undefined,
    };
  }
  const stateful = definition as StatefulFaultDefinition;
  return {
    plan: undefined,
    remember: () => {
      const state = stateful.init(params, env);
      return {
        step: (context) => {
          const step = stateful.step(state, context);
          return { ...step, effects: scaleEffects(step.effects, timeScale) };
        },
        settle: (ticket, outcome, at) => stateful.settle(state, ticket, outcome, at),
        show: () => stateful.show?.(state),
      };
    },
  };
}

function labelOf(kind: string, params: Readonly<Record<string, unknown>>): string {
  const parts = Object.entries(params).map(([key, value]) => `${key} ${valueText(value)}`);
  return parts.length === 0 ? kind : `${kind} (${parts.join(', ')})`;
}

function valueText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(valueText).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return String(value);
  return `{ ${Object.entries(value)
    .map(([key, inner]) => `${key} ${valueText(inner)}`)
    .join(', ')} }`;
}

function unknownName(name: string, library: FaultLibrary): string {
  const known = [...library.presets.keys(), ...library.catalogue.keys()];
  return `unknown fault ${JSON.stringify(name)}.${hint(name, known)}`;
}

function unknownKind(kind: string, library: FaultLibrary): string {
  if (library.presets.has(kind)) {
    return `${JSON.stringify(kind)} is a preset, not a kind: write fault: ${kind}`;
  }
  return `unknown kind ${JSON.stringify(kind)}.${hint(kind, [...library.catalogue.keys()])}`;
}

/** What was meant, else all that there is. */
function hint(name: string, known: readonly string[]): string {
  return didYouMean(name, known) || ` Known: ${known.join(', ')}.`;
}
