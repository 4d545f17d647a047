/**
 * The one order in which effects act, written down once: the engine sorts the effects of a call by it, and the rules
 * refuse by it what could never act together.
 */
import type { Effect, EndEffect } from './effect.ts';

interface StepFacts {
  /** What happens here, for people. */
  readonly does: string;
  /** Whatever acts here is the last of its call: it ends it, or answers it. */
  readonly last?: 'ends' | 'answers';
  /** Why only one effect can act here; else any number can, in the rule's order. */
  readonly single?: string;
  /** Why nothing can act here once the call was ended before. */
  readonly ended?: string;
  /** Why nothing can act here on an answer of ours. */
  readonly answered?: string;
}

const ONE_CUT = 'one direction is cut once';
const NO_ANSWER = 'the call ends before there is an answer to change';

/** Where effects act, from the first to the last. */
const ORDER = {
  'accept-delay': { does: 'a new connection waits' },
  refuse: { does: 'a tunnel is refused', last: 'ends' },
  'accept-end': { does: 'the connection ends before it is read', last: 'ends' },
  'hello-end': { does: 'the connection ends behind its TLS hello', last: 'ends' },
  handshake: {
    does: 'the TLS handshake goes wrong',
    single: 'a handshake can go wrong in one way only',
    ended: 'the connection ends before its handshake',
  },
  'secure-end': { does: 'the connection ends behind its handshake', last: 'ends' },
  'request-delay': { does: 'the call waits before it goes up' },
  'upload-throttle': { does: 'the request comes in slowly' },
  'upload-cut': { does: 'the connection ends in the request, by bytes', single: ONE_CUT },
  'request-end': { does: 'the connection ends, or falls silent, behind the request', last: 'ends' },
  respond: { does: "the call is answered in the API's place", last: 'answers' },
  'head-delay': { does: 'the answer waits', ended: NO_ANSWER },
  'head-end': { does: 'the connection ends, or falls silent, in place of the answer', last: 'ends' },
  'head-edit': { does: "the answer's headers are changed", ended: NO_ANSWER },
  filter: {
    does: 'the events of a stream are changed, held back or cut',
    ended: NO_ANSWER,
    answered: 'a stream fault needs an event stream, and the injected answer is none',
  },
  rewrite: {
    does: 'a whole body is changed',
    ended: NO_ANSWER,
    answered: 'there is no answer of the upstream to rewrite',
  },
  'download-throttle': { does: "the answer's body goes out slowly", ended: NO_ANSWER },
  'download-cut': { does: 'the connection ends in the answer, by bytes', single: ONE_CUT, ended: NO_ANSWER },
  'idle-end': {
    does: 'the connection ends while it idles behind the answer',
    single: 'a connection that idles is ended once',
    ended: 'the call ends before its connection can idle',
  },
} as const satisfies Record<string, StepFacts>;

/** A point in the journey of a connection or a call at which effects act. */
export type Step = keyof typeof ORDER;

/** All steps, in their order. */
export const STEPS = Object.keys(ORDER) as readonly Step[];

/** What is known of a step. */
export function factsOf(step: Step): StepFacts {
  return ORDER[step];
}

/** Steps before a request was read. */
const CONNECTION_STEPS: ReadonlySet<Step> = new Set(STEPS.slice(0, STEPS.indexOf('request-delay')));

/** Where an effect acts. */
export function stepOf(effect: Effect): Step {
  switch (effect.do) {
    case 'delay':
      return `${effect.at}-delay`;
    case 'end':
      return END_STEPS[effect.at];
    case 'cut':
      return effect.direction === 'up' ? 'upload-cut' : 'download-cut';
    case 'throttle':
      return effect.direction === 'up' ? 'upload-throttle' : 'download-throttle';
    case 'tls':
      return 'handshake';
    case 'head':
      return 'head-edit';
    default:
      return effect.do;
  }
}

const END_STEPS: Readonly<Record<EndEffect['at'], Step>> = {
  accept: 'accept-end',
  tls: 'hello-end',
  secure: 'secure-end',
  request: 'request-end',
  head: 'head-end',
  idle: 'idle-end',
};

/** True for effects that act before a request was read. */
export function actsOnConnection(effect: Effect): boolean {
  return CONNECTION_STEPS.has(stepOf(effect));
}

/** Why two effects of one call cannot both be carried out; undefined when they can. */
export function clash(one: Effect, other: Effect): string | undefined {
  const [sooner, later] =
    STEPS.indexOf(stepOf(one)) <= STEPS.indexOf(stepOf(other)) ? [one, other] : [other, one];
  const facts = factsOf(stepOf(later));
  const last = lastOf(sooner);
  if (last && lastOf(later)) return 'each of them answers or ends the call';
  if (stepOf(sooner) === stepOf(later)) return facts.single;
  if (last === 'ends') return facts.ended;
  if (sooner.do !== 'respond') return undefined;
  return later.do === 'filter' && isStream(sooner.status, sooner.headers) ? undefined : facts.answered;
}

function lastOf(effect: Effect): StepFacts['last'] {
  // An alert ends the handshake; a bad certificate leaves it to the client.
  if (effect.do === 'tls') return effect.as === 'alert' || effect.as === 'old-protocol' ? 'ends' : undefined;
  return factsOf(stepOf(effect)).last;
}

function isStream(status: number, headers: readonly (readonly [string, string])[]): boolean {
  return (
    status < 300 &&
    headers.some(
      ([name, value]) => name.toLowerCase() === 'content-type' && /^text\/event-stream\b/i.test(value.trim()),
    )
  );
}
