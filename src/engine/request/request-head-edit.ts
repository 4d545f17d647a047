/** The request's head as the upstream is to see it: as it came, but for what ends at this hop. */
import type { Header } from '../../core/facts.ts';
import { forwardEdit, type RequestHead, rewriteHead } from '../../core/http1/head.ts';
import type { RequestRoute } from './request-route.ts';

/** Opt-in request header that asks for a fault by name; never forwarded. */
export const REQUEST_FAULT_HEADER = 'x-aep-fault';

export interface HeadEditOptions {
  /** Leave out {@link REQUEST_FAULT_HEADER}. */
  readonly dropRequestFault: boolean;
  /** The answer will be read: offer the upstream no coding that this runtime cannot undo. */
  readonly readable: boolean;
  /** `Expect` was answered here already. */
  readonly expectDone: boolean;
}

/** @returns undefined when nothing needs to change */
export function upstreamHead(
  head: RequestHead,
  place: RequestRoute,
  options: HeadEditOptions,
): Buffer | undefined {
  const edit = forwardEdit(head.headers, 'request');
  if (edit === null && place.host === undefined && place.line === undefined && asItCame(options))
    return undefined;
  const drop = edit ? new Set(edit.drop) : undefined;
  const set: Header[] = edit ? [...edit.set] : [];
  const { host } = place;
  if (host !== undefined && head.headers.get('host') !== host) set.push(['Host', host]);
  const also: string[] = [];
  if (options.dropRequestFault && head.headers.has(REQUEST_FAULT_HEADER)) also.push(REQUEST_FAULT_HEADER);
  if (options.expectDone && head.expectContinue) also.push('expect');
  if (options.readable) {
    const offered = head.headers.get('accept-encoding');
    if (offered && /\bzstd\b/i.test(offered)) {
      const kept = offered
        .split(',')
        .map((one) => one.trim())
        .filter((one) => !/^zstd\b/i.test(one));
      if (kept.length > 0) set.push(['Accept-Encoding', kept.join(', ')]);
      else also.push('accept-encoding');
    }
  }
  if (!drop && set.length === 0 && also.length === 0 && place.line === undefined) return undefined;
  return rewriteHead(head, {
    drop: new Set([...(drop ?? []), ...also]),
    set,
    ...(place.line === undefined ? {} : { startLine: `${head.method} ${place.line} HTTP/1.${head.minor}` }),
  });
}

function asItCame({ dropRequestFault, readable, expectDone }: HeadEditOptions): boolean {
  return !(dropRequestFault || readable || expectDone);
}
