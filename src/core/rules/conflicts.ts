/** Effects that one call cannot have at once: what the injector's one fixed order could not honour. */
import type { Effect } from '../effect.ts';

/** Effects that the faults of one call have planned, with who planned them. */
export interface Planned {
  readonly kind: string;
  readonly effects: readonly Effect[];
}

/** Why `second` cannot be carried out together with `first`; undefined when it can. */
export function conflictOf(first: Planned, second: Planned): string | undefined {
  for (const a of first.effects) {
    for (const b of second.effects) {
      const reason = clash(a, b) ?? clash(b, a);
      if (reason !== undefined) return `${second.kind} cannot act together with ${first.kind}: ${reason}`;
    }
  }
  return undefined;
}

/** Why `later` cannot be honoured after or beside `sooner`; only one order of each pair is looked at. */
function clash(sooner: Effect, later: Effect): string | undefined {
  if (isLast(sooner) && isLast(later)) return 'each of them answers or ends the call';
  if (isLast(sooner) && sooner.do !== 'respond' && needsAnswer(later)) {
    return 'the call ends before there is an answer to change';
  }
  if (sooner.do === 'respond') {
    if (later.do === 'rewrite') return 'there is no answer of the upstream to rewrite';
    if (later.do === 'filter' && !isEventStream(sooner.headers)) {
      return 'a stream fault needs an event stream, and the injected answer is none';
    }
  }
  if (sooner.do === 'tls' && later.do === 'tls') return 'a handshake can go wrong in one way only';
  if (sooner.do === 'cut' && later.do === 'cut' && sooner.direction === later.direction) {
    return 'one direction is cut once';
  }
  return undefined;
}

function isLast(effect: Effect): boolean {
  return effect.do === 'respond' || effect.do === 'refuse' || (effect.do === 'end' && effect.at !== 'idle');
}

/** True for what acts on the way back to the client. */
function needsAnswer(effect: Effect): boolean {
  switch (effect.do) {
    case 'head':
    case 'filter':
    case 'rewrite':
      return true;
    case 'throttle':
    case 'cut':
      return effect.direction === 'down';
    default:
      return false;
  }
}

function isEventStream(headers: readonly (readonly [string, string])[]): boolean {
  return headers.some(
    ([name, value]) => name.toLowerCase() === 'content-type' && /^text\/event-stream\b/i.test(value.trim()),
  );
}
