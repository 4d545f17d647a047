/**
 * How a rule is written in a file: one schema from which types, editor schema, help and error messages come.
 * Checking changes nothing (durations stay texts), so a checked rule may be checked again.
 */
import { z } from 'zod';
import { whenSchema } from '../matchers/when.ts';
import { positiveDuration } from '../triggers/duration-text.ts';
import { triggerSpecSchema } from '../triggers/trigger-spec.ts';

/** A fault by the name of a preset, or by kind with its parameters, which the fault's own schema checks. */
export const faultSpecSchema = z
  .union([z.string().min(1), z.looseObject({ kind: z.string().min(1) })])
  .meta({ id: 'fault', description: 'The name of a preset, or a kind with its parameters.' });

const faultList = z.array(faultSpecSchema).min(1, 'an empty list does nothing: give at least one fault');

const outcomeSchema = z
  .strictObject({
    weight: z
      .number()
      .min(0, 'a weight is not negative')
      .optional()
      .meta({ description: 'Share of the roll; 1 by default.' }),
    fault: faultSpecSchema.optional(),
    faults: faultList.optional(),
    pass: z.literal(true).optional(),
  })
  .refine((outcome) => actions(outcome) === 1, 'an outcome has exactly one of fault, faults and pass: true');

const limitSchema = z
  .strictObject({
    times: z.int().min(0).optional().meta({
      description:
        'Calls that the rule may make fail. One counts from its decision on, and no longer when nothing of its faults could take hold.',
    }),
    concurrent: z.int().min(1).optional().meta({ description: 'Calls that may be failing at one time.' }),
    per: z
      .enum(['rule', 'client', 'model'])
      .optional()
      .meta({ description: 'What is counted for itself: the rule (default), each client key, each model.' }),
  })
  .refine(
    (limit) => limit.times !== undefined || limit.concurrent !== undefined,
    'a limit says how many: give times or concurrent, or both',
  );

export const ruleNameSchema = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/,
    'a rule name is up to 64 letters, digits, dots, dashes and underscores, the first a letter or digit',
  );

export const ruleSpecSchema = z
  .strictObject({
    name: ruleNameSchema
      .optional()
      .meta({ description: 'Unique; the draws come from it. Without it: kind and running number.' }),
    description: z.string().optional().meta({ description: 'For people; has no effect.' }),
    when: whenSchema.optional().meta({ description: 'Which calls; all of them without it.' }),
    trigger: triggerSpecSchema.optional().meta({ description: 'Which of those calls; always without it.' }),
    limit: limitSchema.optional().meta({ description: 'How many calls at most.' }),
    cooldown: positiveDuration
      .optional()
      .meta({ description: 'After it acted, the rule rests for this long.' }),
    pass: z.literal(true).optional().meta({ description: 'Protects the calls: no rule below acts on them.' }),
    fault: faultSpecSchema.optional(),
    faults: faultList.optional().meta({ description: 'Several faults on one call.' }),
    outcomes: z
      .array(outcomeSchema)
      .min(1, 'an empty list does nothing: give at least one outcome')
      .optional()
      .meta({ description: 'One of several, by weight, in one roll.' }),
  })
  .refine(
    (rule) => actions(rule) === 1,
    'a rule does exactly one thing: give one of fault, faults, outcomes and pass: true',
  )
  .meta({ id: 'rule' });

/** The part of a configuration file that holds rules; merged with its flat keys by `config/`. */
export const rulesFileSchema = z.strictObject({ rules: z.array(ruleSpecSchema) });

export type FaultSpec = z.output<typeof faultSpecSchema>;
export type OutcomeSpec = z.output<typeof outcomeSchema>;
export type LimitSpec = z.output<typeof limitSchema>;
export type RuleSpec = z.output<typeof ruleSpecSchema>;

/** How many of the ways to act are given. */
function actions(spec: { fault?: unknown; faults?: unknown; outcomes?: unknown; pass?: unknown }): number {
  return [spec.fault, spec.faults, spec.outcomes, spec.pass].filter((action) => action !== undefined).length;
}
