/** Sizes as people write them in files and flags: a number and its unit. Stricter than `bytes`, which reads 10kib as 10. */
import { z } from 'zod';

const UNITS = {
  B: 1,
  kB: 1e3,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
} as const;
const SIZE = /^(\d+(?:\.\d+)?)(B|kB|KB|MB|GB|KiB|MiB|GiB)$/;

/** What is accepted, for error messages and help. */
export const SIZE_HELP =
  'whole bytes as a number and its unit (B, kB, MB, GB or KiB, MiB, GiB), such as 512B, 64KiB or 1MB';

/**
 * Bytes of a size; undefined for anything else (no unit, another case, a fraction of a byte).
 *
 * @example parseSize('64KiB') // 65536
 */
export function parseSize(text: string): number | undefined {
  const [, number, unit] = SIZE.exec(text) ?? [];
  if (number === undefined) return undefined;
  const bytes = Number(number) * UNITS[unit as keyof typeof UNITS];
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** A size in a file or a flag; its output is bytes. */
export const byteSize = z
  .string({ error: (issue) => complaint(issue.input) })
  .regex(SIZE, { abort: true, error: (issue) => complaint(issue.input) })
  .refine((text) => parseSize(text) !== undefined, { error: (issue) => complaint(issue.input) })
  .transform((text) => parseSize(text)!);

function complaint(input: unknown): string {
  if (input === undefined) return `a size is missing: write ${SIZE_HELP}`;
  const hint = typeof input === 'number' ? `; did you mean ${input}B or ${input}KiB` : '';
  return `${JSON.stringify(input)} is no size: write ${SIZE_HELP}${hint}`;
}
