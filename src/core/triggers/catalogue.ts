/** Every trigger: one line each, in the order of the docs, which is also the order in which lanes are given out. */
import { always } from './always.ts';
import { burst } from './burst.ts';
import { every } from './every.ts';
import { first } from './first.ts';
import { nth } from './nth.ts';
import { oncePer } from './once-per.ts';
import { probability } from './probability.ts';
import { ramp } from './ramp.ts';
import { skip } from './skip.ts';
import type { TriggerDefinition } from './trigger.ts';
import { window } from './window.ts';

export const triggers = {
  always,
  probability,
  first,
  skip,
  nth,
  every,
  window,
  burst,
  ramp,
  once_per: oncePer,
} as const;

/** The same as a list, without their exact types. */
export const triggerCatalogue: readonly TriggerDefinition[] = Object.values(
  triggers,
) as unknown as readonly TriggerDefinition[];
