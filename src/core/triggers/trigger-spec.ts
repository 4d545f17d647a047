/** `trigger` of a rule: all keys listed must hold; `any` and `all` nest. */
import { z } from 'zod';
import { LruMap } from '../lru-map.ts';
import { joined, type Phrase, phraseText, Words } from '../phrase.ts';
import { triggerCatalogue, type triggers } from './catalogue.ts';
import type { Horizon, MakeNotes, Moment, NextLane, Trigger } from './trigger.ts';

type Catalogue = typeof triggers;
type Shape = { [K in keyof Catalogue]: z.ZodOptional<Catalogue[K]['params']> };

const shape = Object.fromEntries(
  triggerCatalogue.map(({ key, params, summary }) => [key, params.optional().describe(summary)]),
) as unknown as Shape;

type Keys = { readonly [K in keyof Catalogue]?: z.output<Catalogue[K]['params']> | undefined };

/** Exported for the declarations of schemas that hold it. */
export interface Node extends Keys {
  readonly any?: readonly Node[] | undefined;
  readonly all?: readonly Node[] | undefined;
}

type Nested = z.ZodOptional<z.ZodArray<z.ZodType<Node, Node>>>;

const node: z.ZodType<Node, Node> = z
  .strictObject({
    ...shape,
    get any(): Nested {
      return z.array(node).min(1, 'an empty list never fires').optional();
    },
    get all(): Nested {
      return z.array(node).min(1, 'an empty list says nothing: leave it out').optional();
    },
  })
  .refine(
    (spec) => Object.keys(spec).length > 0,
    'say when the rule fires, such as { first: 2 }, or leave `trigger` out',
  )
  .meta({ id: 'trigger' });

export const triggerSpecSchema = z.union([z.literal('always'), node]);

export type TriggerSpec = z.output<typeof triggerSpecSchema>;

export interface CompiledTrigger extends Trigger {
  /** Depends on time. */
  readonly timed: boolean;
  readonly needsBody: boolean;
  /** Fires on every match. */
  readonly always: boolean;
  /** Processes that share no memory can share out its matches (`rules/shareable.ts`). */
  readonly shareable: boolean;
  /** Compares the number of the match with something. */
  readonly counted: boolean;
  /** Draws numbers. */
  readonly draws: boolean;
  readonly horizon: Horizon;
}

/** The trigger of a rule; each call makes one with a memory of its own. */
export function compileTrigger(
  spec: TriggerSpec | undefined,
  notes: MakeNotes = (most) => new LruMap(most),
): CompiledTrigger {
  let lanes = 0;
  const trigger = compileNode(
    spec === undefined || spec === 'always' ? { always: true } : spec,
    () => lanes++,
    notes,
  );
  return { ...trigger, counted: trigger.horizon.until > 0, draws: lanes > 0 };
}

const EITHER = new Words('either ');
const OR = new Words(' or ');

type Part = Omit<CompiledTrigger, 'counted' | 'draws'>;

function compileNode(spec: Node, nextLane: NextLane, notes: MakeNotes): Part {
  const parts: Part[] = [];
  for (const definition of triggerCatalogue) {
    const params: unknown = spec[definition.key as keyof Catalogue];
    if (params === undefined) continue;
    parts.push({
      ...definition.compile(params, nextLane, notes),
      timed: definition.timed?.(params) ?? false,
      needsBody: definition.needsBody ?? false,
      always: definition.always?.(params) ?? false,
      shareable: (definition.shareable ?? definition.always)?.(params) ?? false,
      horizon: definition.horizon?.(params) ?? { until: 0, period: 1 },
    });
  }
  for (const child of spec.all ?? []) parts.push(compileNode(child, nextLane, notes));
  if (spec.any) parts.push(anyOf(spec.any.map((child) => compileNode(child, nextLane, notes))));
  return allOf(parts, spec.skip ?? 0);
}

function allOf(parts: readonly Part[], skip: number): Part {
  const shift = (moment: Moment): Moment => (skip === 0 ? moment : { ...moment, index: moment.index - skip });
  const only = parts.length === 1 && skip === 0 ? parts[0] : undefined;
  if (only) return only;
  return {
    fires: (moment) => {
      const shifted = shift(moment);
      return parts.every((part) => part.fires(shifted));
    },
    fired: (moment) => {
      const shifted = shift(moment);
      for (const part of parts) part.fired?.(shifted);
    },
    unfired: (moment) => {
      const shifted = shift(moment);
      for (const part of parts) part.unfired?.(shifted);
    },
    couldFire: (index) => parts.every((part) => part.couldFire(index - skip)),
    explain: () => parts.map((part) => part.explain()).join(', '),
    why: (moment) => {
      const shifted = shift(moment);
      return joined(parts.map((part) => part.why(shifted)));
    },
    timed: parts.some((part) => part.timed),
    needsBody: parts.some((part) => part.needsBody),
    always: parts.every((part) => part.always),
    shareable: parts.every((part) => part.shareable),
    horizon: joint(parts, skip),
  };
}

function anyOf(parts: readonly Part[]): Part {
  return {
    fires: (moment) => parts.some((part) => part.fires(moment)),
    fired: (moment) => {
      for (const part of parts) part.fired?.(moment);
    },
    unfired: (moment) => {
      for (const part of parts) part.unfired?.(moment);
    },
    couldFire: (index) => parts.some((part) => part.couldFire(index)),
    explain: () => phraseText(either(parts.map((part) => part.explain()))),
    why: (moment) => either(parts.map((part) => part.why(moment))),
    timed: parts.some((part) => part.timed),
    needsBody: parts.some((part) => part.needsBody),
    always: parts.some((part) => part.always),
    shareable: parts.every((part) => part.shareable),
    horizon: joint(parts, 0),
  };
}

function either(phrases: readonly Phrase[]): Phrase {
  return phrases.length === 1 ? phrases[0]! : [EITHER, joined(phrases, OR)];
}

function joint(parts: readonly Part[], skip: number): Horizon {
  let until = 0;
  let period = 1;
  for (const { horizon } of parts) {
    until = Math.max(until, horizon.until);
    period = (period * horizon.period) / greatestCommonDivisor(period, horizon.period);
  }
  return { until: until + skip, period };
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

/** Matches looked at before a trigger is believed to fire some time. */
const LOOK_AHEAD = 100_000;

/** True when no match, whatever its number, draw and time, can make the trigger fire. */
export function neverFires(trigger: CompiledTrigger): boolean {
  const { until, period } = trigger.horizon;
  if (until + period > LOOK_AHEAD) return false;
  for (let index = 1; index <= until + period; index++) if (trigger.couldFire(index)) return false;
  return true;
}
