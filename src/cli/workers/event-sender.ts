/** A worker tells what happens: see `Tells`. Many events go in one message, which costs as much as a call. */
import type { ProxyEvent } from '../../core/events.ts';
import type { EventBus } from '../../observe/bus.ts';
import { encodeEvent } from '../../observe/encode-event.ts';
import { SummaryFold } from '../../observe/summary.ts';
import { watch } from '../../observe/watch.ts';
import type { FromWorker, Tells } from './messages.ts';

/** Events wait so long for others. */
const BATCH_MS = 10;
const BATCH_CHARACTERS = 64 * 1024;
/** Counts are told so often, so that little is lost with a worker that is killed. With an event log they go with its lines. */
const COUNT_MS = 100;

export interface EventSender {
  /** Sends what is left. */
  end(): void;
}

type Send = (message: FromWorker) => void;

export function sendEvents(bus: EventBus, tells: Tells, send: Send): EventSender {
  if (tells === 'all') {
    const events = new Batch((lines) => send({ type: 'events', lines }));
    bus.subscribe((event) => events.add(event));
    return { end: () => events.flush() };
  }
  const summary = new SummaryFold();
  const records =
    tells === 'recorded'
      ? new Batch((lines) => send({ type: 'records', lines, counts: summary.current() }))
      : undefined;
  const counts = tellCounts(summary, send, records === undefined);
  const told = new Set<string>();
  const tell = (event: ProxyEvent): void => {
    if (isShown(event, told)) {
      // It is recorded when it is shown: in its place among the others.
      records?.flush();
      send({ type: 'events', lines: encodeEvent(event) });
    } else records?.add(event);
  };
  // Counted first: what goes with an event holds it.
  watch(bus, [(event, finished) => summary.observe(event, finished), tell], {
    everyStep: records !== undefined,
  });
  return {
    end: () => {
      records?.flush();
      counts.end();
    },
  };
}

/** What a quiet run shows: warnings, and the first error of each code, on which a hint hangs. */
function isShown(event: ProxyEvent, told: Set<string>): boolean {
  switch (event.type) {
    case 'notice':
      return true;
    case 'exchange.error':
      if (told.has(event.code)) return false;
      told.add(event.code);
      return true;
    case 'exchange.decided':
    case 'exchange.head':
    case 'exchange.ended':
    case 'fault.applied':
    case 'fault.skipped':
    case 'rules.armed':
    case 'connection.decided':
    case 'connection.error':
    case 'tunnel.ended':
      return false;
    default:
      event satisfies never;
      return false;
  }
}

/** @param onTheWay whether counts are told before the end, too */
function tellCounts(summary: SummaryFold, send: Send, onTheWay: boolean): EventSender {
  let sent = 0;
  const tell = (): void => {
    const counts = summary.current();
    sent = counts.seen;
    send({ type: 'counts', counts });
  };
  const timer = onTheWay
    ? setInterval(() => {
        if (summary.current().seen !== sent) tell();
      }, COUNT_MS).unref()
    : undefined;
  return {
    end: () => {
      clearInterval(timer);
      tell();
    },
  };
}

/** Events that wait for each other. */
class Batch {
  readonly #send: (lines: string) => void;
  #lines = '';
  #timer: NodeJS.Timeout | undefined;

  constructor(send: (lines: string) => void) {
    this.#send = send;
  }

  add(event: ProxyEvent): void {
    this.#lines += encodeEvent(event);
    if (this.#lines.length >= BATCH_CHARACTERS) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), BATCH_MS);
  }

  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#lines === '') return;
    const lines = this.#lines;
    this.#lines = '';
    this.#send(lines);
  }
}
