/** A run as Markdown: the gates, then a table per scenario. */
import type { Verdict } from '../evaluate/judge.ts';
import { medianInterval, summarize } from '../evaluate/statistics.ts';
import type { ScenarioOutcome } from '../measure/rounds.ts';
import { heading, METRICS } from '../metrics.ts';
import type { Metric, Reading } from '../model.ts';
import type { Report } from './report.ts';

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [row(head), row(head.map(() => '---')), ...rows.map(row)].join('\n');
}

function number(value: number, digits: number): string {
  return value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

function valueText(verdict: Verdict): string {
  const { gate, value, low, high } = verdict;
  if (value === undefined) return '';
  const digits = gate.by === 'ratio' ? 3 : Math.max(2, METRICS[gate.metric].digits);
  const times = gate.by === 'ratio' ? '× ' : '';
  const interval =
    low === undefined || high === undefined ? '' : ` (${number(low, digits)}–${number(high, digits)})`;
  return `${times}${number(value, digits)}${interval}`;
}

function limitText({ gate }: Verdict): string {
  if (gate.limit === undefined) return 'none';
  const sign = METRICS[gate.metric].better === 'higher' ? '≥' : '≤';
  if (gate.by === 'ratio') return `${sign} ${number(gate.limit, gate.limit < 0.5 ? 3 : 2)} × ${gate.versus}`;
  if (gate.by === 'difference') return `${sign} ${gate.versus} + ${gate.limit}`;
  return `${sign} ${gate.limit}`;
}

/** The gates as a table. */
export function gatesTable(verdicts: readonly Verdict[]): string {
  return table(
    ['gate', 'scenario', 'metric', 'limit', 'median (95 % interval)', 'rounds', 'verdict'],
    verdicts.map((verdict) => [
      verdict.gate.row,
      verdict.gate.scenario,
      verdict.gate.subject === 'product'
        ? verdict.gate.metric
        : `${verdict.gate.metric} of ${verdict.gate.subject}`,
      verdict.gate.limit === undefined ? `none (vs ${verdict.gate.versus})` : limitText(verdict),
      valueText(verdict),
      `${verdict.rounds}`,
      verdict.why ? `${verdict.outcome}: ${verdict.why}` : verdict.outcome,
    ]),
  );
}

/** Metrics in the order of the columns; one that no subject has is left out. */
const COLUMNS = (Object.keys(METRICS) as Metric[]).filter((metric) => metric !== 'extraModules');

function values(readings: readonly (Reading | undefined)[], metric: Metric): number[] {
  return readings.flatMap((reading) => reading?.[metric] ?? []);
}

function cell(readings: readonly (Reading | undefined)[], metric: Metric): string {
  const found = summarize(values(readings, metric));
  if (found === undefined) return '';
  const { digits } = METRICS[metric];
  // `errors` is a count over all rounds; for the rest the spread is what tells how much to believe.
  if (metric === 'errors') return number(found.median === 0 && found.max === 0 ? 0 : found.max, 0);
  const spread = found.count > 1 ? ` (${number(found.min, digits)}–${number(found.max, digits)})` : '';
  return number(found.median, digits) + spread;
}

/** CPU against the first floor of the scenario, by paired rounds. */
function ratioCell(outcome: ScenarioOutcome, floor: string, name: string): string {
  const own = outcome.readings.get(name) ?? [];
  const base = outcome.readings.get(floor) ?? [];
  const ratios = own.flatMap((reading, round) => {
    const below = base[round]?.cpu;
    return reading?.cpu === undefined || below === undefined ? [] : [reading.cpu / below];
  });
  const found = summarize(ratios);
  if (found === undefined) return '';
  const { low, high } = medianInterval(ratios) ?? { low: found.min, high: found.max };
  return `× ${number(found.median, 2)} (${number(low, 2)}–${number(high, 2)})`;
}

/** One scenario as a table; subjects that were not run are listed under it. */
export function scenarioTable(outcome: ScenarioOutcome): string {
  const { scenario, readings, missing } = outcome;
  const all = [...readings.values()];
  const floor = ['raw-pipe', 'raw-inject'].find((name) => readings.has(name));
  const columns = COLUMNS.filter((metric) => all.some((slots) => values(slots, metric).length > 0));
  const hasCpu = floor !== undefined && columns.includes('cpu');
  const head = [
    'subject',
    ...(hasCpu ? [`CPU ÷ ${floor}`] : []),
    ...columns.map((metric) => heading(metric, scenario.unit)),
  ];
  const rows = [...readings].map(([name, slots]) => [
    name,
    ...(hasCpu ? [ratioCell(outcome, floor, name)] : []),
    ...columns.map((metric) => cell(slots, metric)),
  ]);
  const absent = [...missing].map(([name, why]) => `- ${name}: not run: ${why}`);
  return [
    `### ${scenario.name}: ${scenario.about}`,
    '',
    table(head, rows),
    ...(absent.length > 0 ? ['', ...absent] : []),
  ].join('\n');
}

/** The whole report. */
export function markdown(report: Report): string {
  const { machine, options } = report;
  const unavailable = report.unavailable.map(({ name, why }) => `- ${name}: not run: ${why}`);
  return [
    `# Benchmark of ${machine.date.slice(0, 10)}`,
    '',
    `Commit ${machine.commit}, Node ${machine.node}, ${machine.cpu}, Linux ${machine.kernel}, ${machine.memoryGb} GiB; ` +
      `load average before the run ${machine.loadBefore.toFixed(2)}.`,
    `${options.rounds} rounds of ${options.seconds} s each (${options.pairedRounds} for tight gates), ` +
      `a fresh process every ${options.roundsPerProcess}; load generator and upstream: ${report.machinery}.`,
    'Cells are medians (min–max); ratios are medians of paired rounds (95 % interval, or min–max under 6 rounds).',
    '',
    '## Gates',
    '',
    gatesTable(report.verdicts),
    '',
    '## Scenarios',
    '',
    ...report.outcomes.flatMap((outcome) => [scenarioTable(outcome), '']),
    '## Subjects',
    '',
    ...report.subjects.map(({ name, about }) => `- ${name}: ${about}`),
    ...unavailable,
    '',
  ].join('\n');
}
