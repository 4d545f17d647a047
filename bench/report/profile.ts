/** Reads the CPU profiles that a run with `--profile` leaves behind: where the product's own process spent its time. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Launch } from '../model.ts';
import { folder, paths } from '../paths.ts';

interface Node {
  readonly id: number;
  readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
}
interface CpuProfile {
  readonly nodes: readonly Node[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

/** Where a scenario's profiles lie. */
function profiles(scenario: string, subject: string): string {
  return folder(paths.results, 'profiles', `${scenario}-${subject}`);
}

/** True for this product in any of its modes: the subjects that a profile is taken of. */
export function isOurs(subject: string): boolean {
  return /^(product|plugin)/.test(subject);
}

/** The same start, with Node's sampling profiler on; profiles are written when the process ends by itself. */
export function profiled(launch: Launch, scenario: string, subject: string): Launch {
  const flags = ['--cpu-prof', '--cpu-prof-interval', '250', '--cpu-prof-dir', profiles(scenario, subject)];
  return { ...launch, args: [...flags, ...launch.args] };
}

function place({ callFrame: { functionName, url, lineNumber } }: Node): string {
  const file = url.replace(/^.*\/dist\//, '').replace(/^.*\/node_modules\//, 'node_modules/');
  return `${functionName || '(anonymous)'} ${file}${file ? `:${lineNumber + 1}` : ''}`;
}

function selfTimes({ nodes, samples, timeDeltas }: CpuProfile): Map<string, number> {
  const places = new Map(nodes.map((node) => [node.id, place(node)]));
  const times = new Map<string, number>();
  samples.forEach((id, i) => {
    const where = places.get(id) ?? '?';
    times.set(where, (times.get(where) ?? 0) + (timeDeltas[i] ?? 0));
  });
  return times;
}

/**
 * The functions with the most self time in a scenario's newest profile, as text.
 *
 * @returns undefined when the process left no profile
 */
export function hotSpots(scenario: string, subject: string, count = 30): string | undefined {
  const dir = profiles(scenario, subject);
  const newest = readdirSync(dir).sort().at(-1);
  if (newest === undefined) return undefined;
  const times = selfTimes(JSON.parse(readFileSync(join(dir, newest), 'utf8')) as CpuProfile);
  const busy = [...times].filter(([where]) => !where.startsWith('(idle)') && !where.startsWith('(program)'));
  const total = busy.reduce((sum, [, time]) => sum + time, 0);
  const top = busy.sort(([, a], [, b]) => b - a).slice(0, count);
  const lines = top.map(([where, time]) => `${((100 * time) / total).toFixed(1).padStart(6)} %  ${where}`);
  return `${scenario}, ${subject}: self time, of ${(total / 1e6).toFixed(2)} s in JavaScript and its calls\n${lines.join('\n')}`;
}
