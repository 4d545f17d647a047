/** From when a trigger by time counts. */
import { z } from 'zod';
import type { Moment } from './trigger.ts';

export const since = z.enum(['armed', 'first-match', 'first-call']);

export type Since = z.output<typeof since>;

const TEXTS: Readonly<Record<Since, string>> = {
  armed: 'after start',
  'first-match': 'after its first match',
  'first-call': 'after the first call',
};

/** Milliseconds since the rule was armed, since its first match, or since the first call that any rule looked at. */
export function elapsed(moment: Moment, from: Since = 'armed'): number {
  if (from === 'armed') return moment.now;
  return moment.now - (from === 'first-match' ? moment.firstMatch : moment.firstCall);
}

/** True where time zero is known without a call. */
export function countsFromArmed(from: Since = 'armed'): boolean {
  return from === 'armed';
}

/** `after start`, `after its first match`, `after the first call`. */
export function sinceText(from: Since = 'armed'): string {
  return TEXTS[from];
}
