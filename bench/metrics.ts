/** What is read in a round: words, unit and which way is better. */
import type { Metric, Unit } from './model.ts';

interface MetricInfo {
  /** Column heading; `{unit}` is the scenario's unit. */
  readonly title: string;
  readonly digits: number;
  readonly better: 'lower' | 'higher';
}

export const METRICS: Readonly<Record<Metric, MetricInfo>> = {
  cpu: { title: 'CPU µs/{unit}', digits: 1, better: 'lower' },
  instructions: { title: 'instructions/{unit}', digits: 0, better: 'lower' },
  throughput: { title: '{unit}/s', digits: 0, better: 'higher' },
  p50: { title: 'p50 ms', digits: 3, better: 'lower' },
  p99: { title: 'p99 ms', digits: 3, better: 'lower' },
  firstByte: { title: 'first byte p50 ms', digits: 3, better: 'lower' },
  delayP50: { title: 'event delay p50 ms', digits: 3, better: 'lower' },
  delayP99: { title: 'event delay p99 ms', digits: 3, better: 'lower' },
  rss: { title: 'RSS MB', digits: 0, better: 'lower' },
  rssPeak: { title: 'RSS peak MB', digits: 0, better: 'lower' },
  rssGrowth: { title: 'RSS growth MB', digits: 1, better: 'lower' },
  rssPerConnection: { title: 'kB/connection', digits: 1, better: 'lower' },
  idleCpu: { title: 'idle CPU ms/s', digits: 2, better: 'lower' },
  resumed: { title: 'resumed of offered', digits: 2, better: 'higher' },
  listening: { title: 'listening ms', digits: 1, better: 'lower' },
  answered: { title: 'first answer ms', digits: 1, better: 'lower' },
  extraModules: { title: 'lazy modules loaded', digits: 0, better: 'lower' },
  loadCpu: { title: 'load CPU share', digits: 2, better: 'lower' },
  upstreamCpu: { title: 'upstream CPU share', digits: 2, better: 'lower' },
  errors: { title: 'errors', digits: 0, better: 'lower' },
};

/** A metric's heading in a scenario of that unit. */
export function heading(metric: Metric, unit: Unit): string {
  return METRICS[metric].title.replace('{unit}', unit);
}
