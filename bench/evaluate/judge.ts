/** Holds readings against a gate. Pairs are formed within a round, so that a slow minute of the machine hits both sides. */
import { type Gate, isTight, PAIRED_ROUNDS } from '../gates.ts';
import { METRICS } from '../metrics.ts';
import type { Reading } from '../model.ts';
import { median, medianInterval } from './statistics.ts';

/** Readings of one scenario by subject, one slot per round; a subject that sat out a round has a hole there. */
export type Readings = ReadonlyMap<string, readonly (Reading | undefined)[]>;

export interface Verdict {
  readonly gate: Gate;
  /** `open`: the rounds do not decide it. `reported`: there is no limit. */
  readonly outcome: 'PASS' | 'FAIL' | 'open' | 'reported' | 'not run';
  /** Median over the rounds, its 95 % interval where there are enough rounds, and their number. */
  readonly value?: number;
  readonly low?: number;
  readonly high?: number;
  readonly rounds: number;
  /** Why it is open or not run. */
  readonly why?: string;
}

/** The compared values, one per round that has both sides. */
function compared(gate: Gate, readings: Readings): number[] {
  const own = readings.get(gate.subject) ?? [];
  const other = gate.versus === undefined ? undefined : (readings.get(gate.versus) ?? []);
  const values: number[] = [];
  own.forEach((reading, round) => {
    const a = reading?.[gate.metric];
    const b = other === undefined ? 0 : other[round]?.[gate.metric];
    if (a === undefined || b === undefined) return;
    values.push(gate.by === 'ratio' ? a / b : a - b);
  });
  return values;
}

/**
 * @param readings of the gate's scenario; undefined when it was not run
 * @param missing why a subject is not among them, by name
 */
export function judge(
  gate: Gate,
  readings: Readings | undefined,
  missing: ReadonlyMap<string, string>,
): Verdict {
  if (readings === undefined) return { gate, outcome: 'not run', rounds: 0, why: 'scenario not selected' };
  const values = compared(gate, readings);
  const value = median(values);
  const rounds = values.length;
  if (rounds === 0) {
    const absent = [gate.subject, gate.versus].filter((name) => name !== undefined && missing.has(name));
    const why = absent.map((name) => `${name}: ${missing.get(name!)}`).join('; ');
    return { gate, outcome: 'not run', rounds, why: why || 'no readings' };
  }
  const interval = medianInterval(values);
  const found = { gate, value, rounds, ...interval };
  if (gate.limit === undefined) return { ...found, outcome: 'reported' };
  const up = METRICS[gate.metric].better === 'higher';
  const holds = (x: number): boolean => (up ? x >= gate.limit! : x <= gate.limit!);
  if (!isTight(gate)) return { ...found, outcome: holds(value) ? 'PASS' : 'FAIL' };
  if (interval === undefined || rounds < PAIRED_ROUNDS) {
    return { ...found, outcome: 'open', why: `${rounds} of ${PAIRED_ROUNDS} paired rounds` };
  }
  const [best, worst] = up ? [interval.high, interval.low] : [interval.low, interval.high];
  if (holds(worst)) return { ...found, outcome: 'PASS' };
  if (!holds(best)) return { ...found, outcome: 'FAIL' };
  return { ...found, outcome: 'open', why: 'the limit lies inside the interval' };
}
