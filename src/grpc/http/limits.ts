/** What the fault proxy's plain-HTTP calls cannot carry, and why, in words that the log shows. */
import type { Effect } from '../../core/effect.ts';
import type { PlannedFault } from '../../core/rules/decision.ts';
import type { PlannedEffect, SortedEffects } from '../../engine/plan/effect-sorter.ts';
import type { Impossible } from '../../engine/transport/transport.ts';

/**
 * How long one call is held, in milliseconds. While it is, the fault proxy can neither take its plugins' health nor, once it
 * tries (every 10 s), let any other call through.
 */
export const HOLD_MS = 8_000;

const WHOLE = 'fault hands plain-HTTP messages over whole, so a plugin cannot';

const NO_END = `${WHOLE} end their connection: go through a tunnel (HTTPS_PROXY)`;

/** Endings, of which none can be performed. */
export const NO_ENDINGS: Impossible = {
  close: NO_END,
  abrupt: NO_END,
  reset: NO_END,
  hang: NO_END,
  'half-close': NO_END,
};

export const TOO_LONG = (ms: number): string =>
  `a delay of ${Math.round(ms)} ms is too long here: fault lets nobody through while a plugin holds a plain-HTTP call for 10 s`;

export const TOO_LARGE = 'the message would be larger than the 4 MiB that fault takes from a plugin';

/** Why an effect cannot act on a plain-HTTP call at all; undefined where it can. */
export function whyNever(effect: Effect): string | undefined {
  switch (effect.do) {
    case 'throttle':
      return `${WHOLE} slow them down: go through a tunnel (HTTPS_PROXY), or use fault's own bandwidth`;
    case 'filter':
      return 'fault does not hand the events of a stream to its plugins: go through a tunnel (HTTPS_PROXY)';
    case 'head':
      return effect.status === undefined
        ? undefined
        : 'fault ignores a status that a plugin gives to an answer';
    case 'respond':
      return effect.status >= 200 && effect.status <= 999
        ? undefined
        : `fault cannot answer with the status ${effect.status}`;
    case 'delay':
      return effect.at === 'accept' ? `${WHOLE} delay their connection` : undefined;
    default:
      return undefined;
  }
}

/** All effects that {@link whyNever} or the transport rules out, with the reason. */
export function neverOf(effects: SortedEffects): { readonly fault: PlannedFault; readonly reason: string }[] {
  const { filters, upload, download, headEdits, respond, tooLate, impossible } = effects;
  const throttles = [upload, download].flatMap((one) => (one ? [...one.by, ...one.outdone] : []));
  const ruledOut: readonly PlannedEffect<Effect>[] = [
    ...filters,
    ...throttles,
    ...headEdits,
    ...(respond ? [respond] : []),
  ];
  return [
    ...impossible,
    ...tooLate.map(({ effect, fault }) => ({
      fault,
      reason: `\`${effect.do}\` acts on a connection, and the request was read already`,
    })),
    ...ruledOut.flatMap(({ effect, fault }) => {
      const reason = whyNever(effect);
      return reason === undefined ? [] : [{ fault, reason }];
    }),
  ];
}
