/** What holds of every play, whatever happened in it. */
import type { ProxyEvent } from '../../src/core/events.ts';
import type { Stage } from './stage.ts';

type Planned = Extract<ProxyEvent, { type: 'exchange.decided' | 'connection.decided' }>;
type Told = Extract<ProxyEvent, { type: 'fault.applied' | 'fault.skipped' }>;

/** What is left of a play that is over: once the proxy was stopped, nothing may be. */
export function leftOpen({ engine, clock, clients, upstreams }: Stage): string[] {
  return [
    ...(engine.live.size > 0 ? [`${engine.live.size} are still tracked`] : []),
    ...(engine.pool.size > 0 ? [`${engine.pool.size} upstream connections are still held`] : []),
    ...(clock.pending > 0 ? [`${clock.pending} waits are still pending`] : []),
    ...[...clients, ...upstreams]
      .filter(({ leg }) => !leg.destroyed)
      .map(({ name }) => `${name} is still open`),
    ...upstreams.filter(({ dialled }) => dialled).map(({ name }) => `${name} is still dialled`),
  ];
}

/** Every call that was decided ends once, and nothing is told of it afterwards; every planned fault is told, one way. */
export function untold(events: readonly ProxyEvent[]): string[] {
  const wrong: string[] = [];
  const calls = new Set(
    events.flatMap((event) => ('exchange' in event && event.exchange > 0 ? [event.exchange] : [])),
  );
  for (const call of calls) {
    const own = events.filter((event) => 'exchange' in event && event.exchange === call);
    const ends = own.filter(({ type }) => type === 'exchange.ended').length;
    if (ends !== 1) wrong.push(`call ${call} has ${ends} ends`);
    if (ends === 1 && own.at(-1)?.type !== 'exchange.ended')
      wrong.push(`call ${call}: ${own.at(-1)?.type} behind its end`);
    if (own.filter(({ type }) => type === 'exchange.decided').length > 1)
      wrong.push(`call ${call} was decided twice`);
    if (own.filter(({ type }) => type === 'exchange.head').length > 1)
      wrong.push(`call ${call} has two heads`);
  }
  for (const planned of events) {
    if (planned.type !== 'exchange.decided' && planned.type !== 'connection.decided') continue;
    wrong.push(...planned.faults.flatMap((kind) => toldOnce(planned, kind, events)));
  }
  for (const event of events)
    if ('code' in event && (event.code === 'unexpected' || event.code === 'internal'))
      wrong.push(`a bug of ours: ${event.message}`);
  return wrong;
}

/** Several effects of one fault may each be told as applied; none of them beside a skip. */
function toldOnce(planned: Planned, kind: string, events: readonly ProxyEvent[]): string[] {
  const told = events.filter(
    (event): event is Told =>
      (event.type === 'fault.applied' || event.type === 'fault.skipped') &&
      event.fault === kind &&
      (planned.type === 'exchange.decided'
        ? event.exchange === planned.exchange ||
          (event.exchange === 0 && event.connection === planned.connection)
        : event.exchange === 0 && event.connection === planned.connection),
  );
  const applied = told.filter(({ type }) => type === 'fault.applied').length;
  const skipped = told.length - applied;
  if (told.length === 0) return [`${kind} was planned and nobody told what became of it`];
  return skipped > 1 || (skipped > 0 && applied > 0)
    ? [`${kind}: ${applied} times applied, ${skipped} times skipped`]
    : [];
}
