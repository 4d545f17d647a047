/** Colours where they are wanted: on a terminal, unless NO_COLOR says no; FORCE_COLOR says yes elsewhere. */
import pc from 'picocolors';
import type { Colors } from '../observe/colors.ts';
import type { Io } from './io.ts';

/** @see https://no-color.org */
export function colorsFor(io: Pick<Io, 'terminal' | 'env'>, output: 'stdout' | 'stderr' = 'stdout'): Colors {
  const { NO_COLOR, FORCE_COLOR, TERM } = io.env;
  if (NO_COLOR) return pc.createColors(false);
  if (FORCE_COLOR) return pc.createColors(FORCE_COLOR !== '0');
  return pc.createColors(io.terminal[output] && TERM !== 'dumb');
}
