/** How tunnels tell what befell them: as connection errors in the one stream of events. */
import type { Clock } from '../../core/clock.ts';
import type { EventSink } from '../../core/events.ts';

export type Say = (code: string, message: string, place?: { connection?: number; host?: string }) => void;

/** @returns a function that emits a `connection.error` */
export function sayTo(sink: EventSink, clock: Clock): Say {
  return (code, message, { connection = 0, host } = {}) => {
    if (!sink.active) return;
    const type = 'connection.error';
    sink.emit({ v: 1, type, at: clock.wall(), connection, ...(host ? { host } : {}), code, message });
  };
}
