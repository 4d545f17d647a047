/** Durations as people write them in files and flags: a number and its unit. Stricter than `ms`, which guesses units. */
import { z } from 'zod';

const UNITS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const DURATION = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/;

/** Timers hold 31 bits of milliseconds; beyond that they fire at once. */
const LONGEST = 24 * UNITS.d;

/** What is accepted, for error messages and help. */
export const DURATION_HELP =
  'a number and its unit (ms, s, m, h or d), such as 250ms, 1.5s or 10m, at most 24d';

/**
 * Milliseconds of a duration; undefined for anything else (no unit, a sign, white space, more than 24 days).
 *
 * @example parseDuration('1.5s') // 1500
 */
export function parseDuration(text: string): number | undefined {
  const [, number, unit] = DURATION.exec(text) ?? [];
  if (number === undefined) return undefined;
  const ms = Number(number) * UNITS[unit as keyof typeof UNITS];
  return ms <= LONGEST ? ms : undefined;
}

/**
 * A duration as it would be written, in the largest unit that divides it.
 *
 * @example durationFromMs(90_000) // '90s'
 */
export function durationFromMs(ms: number): string {
  const units = Object.entries(UNITS).reverse();
  const [unit, size] = units.find(([, size]) => ms !== 0 && ms % size === 0) ?? ['ms', 1];
  return `${ms / size}${unit}`;
}

/** A duration in a file or a flag; its output is milliseconds. */
export const durationMs = z
  .string({ error: (issue) => complaint(issue.input) })
  .regex(DURATION, { abort: true, error: (issue) => complaint(issue.input) })
  .refine((text) => parseDuration(text) !== undefined, { error: (issue) => complaint(issue.input) })
  .transform((text) => parseDuration(text)!);

function complaint(input: unknown): string {
  if (input === undefined) return `a duration is missing: write ${DURATION_HELP}`;
  const hint = typeof input === 'number' ? `; did you mean ${input}s or ${input}ms` : '';
  return `${JSON.stringify(input)} is no duration: write ${DURATION_HELP}${hint}`;
}
