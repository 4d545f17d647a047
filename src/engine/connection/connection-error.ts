/** Tells of a connection, or a tunnel in it, that could not be served. */
import type { ConnectionContext } from './context.ts';
import type { Services } from './services.ts';

/** @param host undefined where none was named */
export function tellConnectionError(
  services: Services,
  { connection }: ConnectionContext,
  host: string | undefined,
  code: string,
  message: string,
): void {
  const { sink, clock } = services.options;
  if (!sink.active) return;
  const named = host === undefined ? {} : { host };
  sink.emit({ v: 1, type: 'connection.error', at: clock.wall(), connection, ...named, code, message });
}
