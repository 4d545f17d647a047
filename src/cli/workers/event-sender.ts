/** A worker tells what happens: every event, in batches; or, in a quiet run, what such a run shows, and counts. */
import type { ProxyEvent } from '../../core/events.ts';
import type { EventBus } from '../../observe/bus.ts';
import { encodeEvent } from '../../observe/encode-event.ts';
import { SummaryFold } from '../../observe/summary.ts';
import { watch } from '../../observe/watch.ts';
import type { FromWorker } from './messages.ts';

/** Events wait so long for others: a message costs as much as a call. */
const BATCH_MS = 10;
const BATCH_CHARACTERS = 64 * 1024;
/** Counts are told so often, so that little is lost with a worker that is killed. */
const COUNT_MS = 500;

export interface EventSender {
  /** Sends what is left. */
  end(): void;
}

export function sendEvents(
  bus: EventBus,
  everyEvent: boolean,
  send: (message: FromWorker) => void,
): EventSender {
  return everyEvent ? sendAll(bus, send) : sendFew(bus, send);
}

function sendAll(bus: EventBus, send: (message: FromWorker) => void): EventSender {
  let lines = '';
  let timer: NodeJS.Timeout | undefined;
  const flush = (): void => {
    clearTimeout(timer);
    timer = undefined;
    if (lines === '') return;
    const batch = lines;
    lines = '';
    send({ type: 'events', lines: batch });
  };
  bus.subscribe((event) => {
    lines += `${encodeEvent(event)}\n`;
    if (lines.length >= BATCH_CHARACTERS) flush();
    else timer ??= setTimeout(flush, BATCH_MS);
  });
  return { end: flush };
}

function sendFew(bus: EventBus, send: (message: FromWorker) => void): EventSender {
  const summary = new SummaryFold();
  const told = new Set<string>();
  let sent = -1;
  const count = (): void => {
    const counts = summary.current();
    if (counts.seen === sent) return;
    sent = counts.seen;
    send({ type: 'counts', counts });
  };
  const timer = setInterval(count, COUNT_MS).unref();
  const show = (event: ProxyEvent): void => {
    // A hint hangs on the code alone, and is given once.
    if (event.type === 'exchange.error' && !told.has(event.code)) told.add(event.code);
    else if (event.type !== 'notice') return;
    send({ type: 'events', lines: `${encodeEvent(event)}\n` });
  };
  watch(bus, [show, (event, finished) => summary.observe(event, finished)], { everyStep: false });
  return {
    end: () => {
      clearInterval(timer);
      send({ type: 'counts', counts: summary.current() });
    },
  };
}
