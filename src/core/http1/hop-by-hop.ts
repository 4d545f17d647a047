/**
 * Which fields end at this hop (RFC 9110 §7.6.1). Most messages have none to drop; then the head is forwarded as it came.
 *
 * `Connection: close` and `keep-alive` alone stay: we would write the same line anew. Proxy-Authenticate stays
 * as well: where we speak to an upstream proxy, its 407 is the client's to read.
 */
import type { Header } from '../facts.ts';
import type { MessageKind } from './framing-error.ts';
import type { HeaderBlock } from './header-block.ts';
import { Known } from './known-fields.ts';

const ONLY_KEEP_ALIVE: ReadonlySet<string> = new Set(['keep-alive']);

/** Any of these may call for an edit; without one of them there is nothing to look at. */
const SUSPECTS =
  Known.KEEP_ALIVE |
  Known.PROXY_CONNECTION |
  Known.PROXY_AUTHORIZATION |
  Known.TE_CODINGS |
  Known.UPGRADE |
  Known.OPTION_OTHER |
  Known.OPTION_UPGRADE |
  Known.OPTION_TE |
  Known.MISPLACED_FRAMING;

/**
 * Never dropped because Connection lists them. RFC 9110 §7.6.1 forbids a sender to list a field meant for all
 * recipients; such an option is ignored (and not forwarded), since obeying it would let a client strip what frames,
 * routes or authenticates the message.
 */
const END_TO_END: ReadonlySet<string> = new Set([
  'accept',
  'accept-encoding',
  'anthropic-beta',
  'anthropic-version',
  'authorization',
  'cache-control',
  'content-encoding',
  'content-length',
  'content-range',
  'content-type',
  'cookie',
  'date',
  'expect',
  'host',
  'location',
  'retry-after',
  'set-cookie',
  'trailer',
  'transfer-encoding',
  'x-api-key',
]);

/** An edit for `rewriteHead`. */
export interface HeadEdit {
  readonly drop: ReadonlySet<string>;
  readonly set: readonly Header[];
}

/**
 * Lower-case names to leave out when forwarding; null when nothing needs to change, and the head's bytes can go out
 * as they came. Holds `connection` when that field must be written anew with {@link connectionToSend}.
 */
export function hopByHop(headers: HeaderBlock, kind: MessageKind): ReadonlySet<string> | null {
  const known = headers.known;
  if ((known & SUSPECTS) === 0) return null;
  if ((known & SUSPECTS) === Known.KEEP_ALIVE) return ONLY_KEEP_ALIVE;
  const drop = new Set<string>();
  if (known & Known.KEEP_ALIVE) drop.add('keep-alive');
  if (known & Known.PROXY_CONNECTION) drop.add('proxy-connection');
  if (known & Known.PROXY_AUTHORIZATION && kind === 'request') drop.add('proxy-authorization');
  if (known & Known.TE_CODINGS) drop.add('te');
  if (known & Known.UPGRADE && (known & Known.SWITCHING) === 0) drop.add('upgrade');
  if (known & Known.MISPLACED_FRAMING) drop.add('content-length').add('transfer-encoding');
  if (known & Known.CONNECTION) {
    for (const option of connectionOptions(headers)) {
      if (keepsOption(option, known)) continue;
      drop.add('connection');
      if (!END_TO_END.has(option)) drop.add(option);
    }
  }
  return drop.size === 0 ? null : drop;
}

/** Value for the Connection field when {@link hopByHop} drops it: the options that remain; undefined for none. */
export function connectionToSend(headers: HeaderBlock): string | undefined {
  const kept = connectionOptions(headers).filter((option) => keepsOption(option, headers.known));
  return kept.length === 0 ? undefined : kept.join(', ');
}

/** {@link hopByHop} and {@link connectionToSend} as one edit; null when the head can go out as it came. */
export function forwardEdit(headers: HeaderBlock, kind: MessageKind): HeadEdit | null {
  const drop = hopByHop(headers, kind);
  if (drop === null) return null;
  const connection = drop.has('connection') ? connectionToSend(headers) : undefined;
  return { drop, set: connection === undefined ? [] : [['Connection', connection]] };
}

function connectionOptions(headers: HeaderBlock): string[] {
  return headers
    .all('connection')
    .join(',')
    .split(',')
    .map((option) => option.trim().toLowerCase())
    .filter((option) => option !== '');
}

function keepsOption(option: string, known: number): boolean {
  if (option === 'close' || option === 'keep-alive') return true;
  if (option === 'upgrade') return (known & Known.SWITCHING) !== 0;
  return option === 'te' && (known & Known.TE) !== 0 && (known & Known.TE_CODINGS) === 0;
}
