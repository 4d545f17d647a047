/** Sorts a decision's effects into the injector's one order (see docs/architecture.md). */
import type {
  CutEffect,
  DelayEffect,
  Effect,
  EndEffect,
  EndHow,
  FilterEffect,
  HeadEffect,
  RespondEffect,
  RewriteEffect,
  ThrottleEffect,
} from '../core/effect.ts';
import type { Decision } from '../core/rules/decision.ts';
import type { Impossible } from './transport.ts';

/** An effect, and the fault that it belongs to. */
export interface Of<E extends Effect> {
  readonly effect: E;
  readonly fault: string;
}

/** Effects of one exchange by the point at which they act. Lists are in the rule's order. */
export interface SortedEffects {
  readonly requestDelays: readonly Of<DelayEffect>[];
  readonly requestEnd: Of<EndEffect> | undefined;
  readonly respond: Of<RespondEffect> | undefined;
  readonly headDelays: readonly Of<DelayEffect>[];
  readonly headEdits: readonly Of<HeadEffect>[];
  readonly headEnd: Of<EndEffect> | undefined;
  readonly filters: readonly Of<FilterEffect>[];
  readonly rewrites: readonly Of<RewriteEffect>[];
  readonly throttles: readonly Of<ThrottleEffect>[];
  readonly cuts: readonly Of<CutEffect>[];
  /** The first cut of the upload. */
  readonly uploadCut: Of<CutEffect> | undefined;
  readonly idleEnd: Of<EndEffect> | undefined;
  /** Effects of a connection phase: they cannot act once a request was read. */
  readonly tooLate: readonly Of<Effect>[];
  /** Effects that the client's transport cannot perform, with the reason. */
  readonly impossible: readonly { readonly fault: string; readonly reason: string }[];
  /** Neither the upstream nor a timer is needed: the answer, or the end, comes at once. */
  readonly answersAtOnce: boolean;
  /** Some effect must understand the answer's body. */
  readonly readsAnswer: boolean;
  /** Some effect acts on the upstream's answer. */
  readonly touchesAnswer: boolean;
  /** The fault that wants the answer's usage; undefined: none does. */
  readonly metering: string | undefined;
}

/** Sorts effects, and keeps the last result: a fault that plans the same effects again needs no sorting. */
export class EffectSorter {
  #faults: Decision['faults'] | undefined;
  #impossible: Impossible | undefined;
  #sorted: SortedEffects | undefined;

  /** @param impossible what the client's transport cannot perform */
  sort({ faults }: Decision, impossible: Impossible | undefined): SortedEffects {
    if (this.#sorted === undefined || this.#faults !== faults || this.#impossible !== impossible) {
      this.#sorted = sortEffects(faults, impossible);
      this.#faults = faults;
      this.#impossible = impossible;
    }
    return this.#sorted;
  }
}

function sortEffects(faults: Decision['faults'], impossible: Impossible | undefined): SortedEffects {
  const sorted = {
    requestDelays: [] as Of<DelayEffect>[],
    requestEnd: undefined as Of<EndEffect> | undefined,
    respond: undefined as Of<RespondEffect> | undefined,
    headDelays: [] as Of<DelayEffect>[],
    headEdits: [] as Of<HeadEffect>[],
    headEnd: undefined as Of<EndEffect> | undefined,
    filters: [] as Of<FilterEffect>[],
    rewrites: [] as Of<RewriteEffect>[],
    throttles: [] as Of<ThrottleEffect>[],
    cuts: [] as Of<CutEffect>[],
    idleEnd: undefined as Of<EndEffect> | undefined,
    tooLate: [] as Of<Effect>[],
    impossible: [] as { fault: string; reason: string }[],
  };
  for (const { kind: fault, effects } of faults) {
    for (const effect of effects) {
      const reason = whyNot(effect, impossible);
      if (reason !== undefined) {
        sorted.impossible.push({ fault, reason });
        continue;
      }
      switch (effect.do) {
        case 'delay':
          if (effect.at === 'request') sorted.requestDelays.push({ effect, fault });
          else if (effect.at === 'head') sorted.headDelays.push({ effect, fault });
          else sorted.tooLate.push({ effect, fault });
          break;
        case 'end':
          if (effect.at === 'request') sorted.requestEnd ??= { effect, fault };
          else if (effect.at === 'head') sorted.headEnd ??= { effect, fault };
          else if (effect.at === 'idle') sorted.idleEnd ??= { effect, fault };
          else sorted.tooLate.push({ effect, fault });
          break;
        case 'respond':
          sorted.respond ??= { effect, fault };
          break;
        case 'head':
          sorted.headEdits.push({ effect, fault });
          break;
        case 'filter':
          sorted.filters.push({ effect, fault });
          break;
        case 'rewrite':
          sorted.rewrites.push({ effect, fault });
          break;
        case 'throttle':
          sorted.throttles.push({ effect, fault });
          break;
        case 'cut':
          sorted.cuts.push({ effect, fault });
          break;
        case 'refuse':
        case 'tls':
          sorted.tooLate.push({ effect, fault });
          break;
        default:
          effect satisfies never;
      }
    }
  }
  const readsAnswer = sorted.filters.length > 0 || sorted.rewrites.length > 0;
  return {
    ...sorted,
    uploadCut: sorted.cuts.find(({ effect }) => effect.direction === 'up'),
    answersAtOnce:
      sorted.requestDelays.length === 0 && (sorted.respond !== undefined || sorted.requestEnd !== undefined),
    readsAnswer,
    metering: faults.find(({ readsUsage }) => readsUsage)?.kind,
    touchesAnswer:
      readsAnswer ||
      sorted.headDelays.length > 0 ||
      sorted.headEdits.length > 0 ||
      sorted.headEnd !== undefined ||
      sorted.throttles.some(({ effect }) => effect.direction === 'down') ||
      sorted.cuts.some(({ effect }) => effect.direction === 'down'),
  };
}

/** Why a transport cannot perform an effect; undefined when it can. */
export function whyNot(effect: Effect, impossible: Impossible | undefined): string | undefined {
  const how = endingOf(effect);
  return how === undefined ? undefined : impossible?.[how];
}

function endingOf(effect: Effect): EndHow | undefined {
  if (effect.do === 'end' || effect.do === 'cut') return effect.how;
  return effect.do === 'filter' ? effect.ends : undefined;
}
