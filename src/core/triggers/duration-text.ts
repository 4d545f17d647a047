/** Durations in rules. They stay the texts they are, so that a checked rule may be checked again. */
import { z } from 'zod';
import { DURATION_HELP, parseDuration } from '../duration.ts';

export const durationText = z
  .string({ error: ({ input }) => complaint(input) })
  .refine((text) => parseDuration(text) !== undefined, {
    error: ({ input }) => complaint(input),
    abort: true,
  });

/** A duration that is not nothing. */
export const positiveDuration = durationText.refine((text) => parseDuration(text) !== 0, {
  error: 'a duration of nothing does nothing: give at least 1ms',
  abort: true,
});

/** Milliseconds of a duration; 0 for a text that is none, which its own check has refused. */
export function msOf(text: string): number {
  return parseDuration(text) ?? 0;
}

function complaint(input: unknown): string {
  const hint = /^[0-9.]+$/.test(String(input)) ? `; did you mean ${input}s or ${input}ms` : '';
  return `${JSON.stringify(input)} is no duration: write ${DURATION_HELP}${hint}`;
}
