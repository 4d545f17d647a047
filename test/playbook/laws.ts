/** What holds of every play, whatever happened in it. */
import type { ProxyEvent } from '../../src/core/events.ts';
import { WATER_MARK } from './leg.ts';
import type { Stage } from './stage.ts';

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
    ...[...clients, ...upstreams].flatMap(({ name, leg }) =>
      leg.misused ? [`${name}: ${leg.misused}`] : [],
    ),
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
  wrong.push(...plannedUntold(events));
  for (const event of events)
    if ('code' in event && event.code === 'unexpected') wrong.push(`a bug of ours: ${event.message}`);
  return wrong;
}

/** Every planned fault is told one way: of its call, or of its connection where that was over. */
function plannedUntold(events: readonly ProxyEvent[]): string[] {
  const wrong: string[] = [];
  /** Of each connection, by kind: how many faults are told of it, not of a call. */
  const owed = new Map<string, number>();
  const told = events.filter(
    (event): event is Told => event.type === 'fault.applied' || event.type === 'fault.skipped',
  );
  for (const planned of events) {
    if (planned.type !== 'exchange.decided' && planned.type !== 'connection.decided') continue;
    for (const kind of new Set(planned.faults)) {
      const count = planned.faults.filter((one) => one === kind).length;
      const call = planned.type === 'exchange.decided' ? planned.exchange : 0;
      const own = told.filter(({ exchange, fault }) => call > 0 && exchange === call && fault === kind);
      const skipped = own.filter(({ type }) => type === 'fault.skipped').length;
      const applied = own.length - skipped;
      const place = `${kind} of connection ${planned.connection}`;
      if (own.length < count) owed.set(place, (owed.get(place) ?? 0) + count - own.length);
      // Several effects of one fault may each be told as applied; none of them beside its skip.
      else if (skipped > count || (skipped === count && applied > 0))
        wrong.push(`${kind}: ${count} planned, ${applied} applied, ${skipped} skipped`);
    }
  }
  for (const { exchange, fault, connection } of told) {
    if (exchange > 0) continue;
    const place = `${fault} of connection ${connection}`;
    owed.set(place, (owed.get(place) ?? 0) - 1);
  }
  for (const [place, left] of owed)
    if (left !== 0) wrong.push(`${place}: ${left} of those planned were not told`);
  return wrong;
}

/** What is still held when all clients were gone for a while. Upstream connections that are idle may be kept. */
export function overdue({ engine, clock, upstreams }: Stage): string[] {
  const kept = upstreams.filter(({ leg, dialled }) => !leg.destroyed && !dialled).length;
  return [
    ...(engine.live.size > 0 ? [`${engine.live.size} are tracked, and no client is there`] : []),
    ...(clock.pending > 0 ? [`${clock.pending} waits are pending, and no client is there`] : []),
    ...upstreams
      .filter(({ dialled }) => dialled)
      .map(({ name }) => `${name} is dialled, and no client is there`),
    ...(engine.pool.size === kept
      ? []
      : [`${kept} upstream connections are open, and ${engine.pool.size} known`]),
  ];
}

/** An answer that was told as complete is one that its client has got, but for what lies in a buffer that is not full. */
export function untaken({ events, clients }: Stage): string[] {
  const connectionOf = new Map(
    events.flatMap((event) =>
      event.type === 'exchange.decided' ? [[event.exchange, event.connection] as const] : [],
    ),
  );
  return clients.flatMap(({ name, received }, index) => {
    let complete = 0;
    for (const event of events)
      if (
        event.type === 'exchange.ended' &&
        event.how === 'complete' &&
        connectionOf.get(event.exchange) === index + 1
      )
        complete += event.bytesDown;
    const missing = complete - received.length;
    return missing >= WATER_MARK
      ? [`${name} has not got ${missing} bytes of answers that were told as complete`]
      : [];
  });
}
