/** Where what a run found is written. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { folder, paths } from '../paths.ts';
import { markdown } from './markdown.ts';
import type { Report } from './report.ts';

/** Maps as plain objects, holes as null. */
function plain(_key: string, value: unknown): unknown {
  return value instanceof Map ? Object.fromEntries(value) : value;
}

/** Writes `<date>.json` and `<date>.md` under `bench/results/`; returns the latter's path. */
export function writeReport(report: Report): string {
  const name = join(folder(paths.results), report.machine.date.replaceAll(/[:.]/g, '-'));
  writeFileSync(`${name}.json`, `${JSON.stringify(report, plain, 1)}\n`);
  writeFileSync(`${name}.md`, markdown(report));
  return `${name}.md`;
}
