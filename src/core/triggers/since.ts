/** From when a trigger by time counts (ruling 33). */
import { z } from 'zod';
import type { Moment } from './trigger.ts';

export const since = z.enum(['armed', 'first-match']);

export type Since = z.output<typeof since>;

/** Milliseconds since the rule was armed, or since its first match. */
export function elapsed(moment: Moment, from: Since | undefined): number {
  return from === 'first-match' ? moment.now - moment.firstMatch : moment.now;
}

/** `after start`, `after its first match`. */
export function sinceText(from: Since | undefined): string {
  return from === 'first-match' ? 'after its first match' : 'after start';
}
