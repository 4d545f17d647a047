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

/**
 * The lists as they are filled. One object from the first to the last: a copy by `...` of one so large gets a hidden
 * class of its own each time, which outlives the exchange in the old generation.
 */
class Sorting implements SortedEffects {
  readonly requestDelays: Of<DelayEffect>[] = [];
  requestEnd: Of<EndEffect> | undefined;
  respond: Of<RespondEffect> | undefined;
  readonly headDelays: Of<DelayEffect>[] = [];
  readonly headEdits: Of<HeadEffect>[] = [];
  headEnd: Of<EndEffect> | undefined;
  readonly filters: Of<FilterEffect>[] = [];
  readonly rewrites: Of<RewriteEffect>[] = [];
  readonly throttles: Of<ThrottleEffect>[] = [];
  readonly cuts: Of<CutEffect>[] = [];
  idleEnd: Of<EndEffect> | undefined;
  readonly tooLate: Of<Effect>[] = [];
  readonly impossible: { fault: string; reason: string }[] = [];
  uploadCut: Of<CutEffect> | undefined;
  answersAtOnce = false;
  readsAnswer = false;
  touchesAnswer = false;
  metering: string | undefined;

  add(effect: Effect, fault: string): void {
    switch (effect.do) {
      case 'delay':
        if (effect.at === 'request') this.requestDelays.push({ effect, fault });
        else if (effect.at === 'head') this.headDelays.push({ effect, fault });
        else this.tooLate.push({ effect, fault });
        break;
      case 'end':
        if (effect.at === 'request') this.requestEnd ??= { effect, fault };
        else if (effect.at === 'head') this.headEnd ??= { effect, fault };
        else if (effect.at === 'idle') this.idleEnd ??= { effect, fault };
        else this.tooLate.push({ effect, fault });
        break;
      case 'respond':
        this.respond ??= { effect, fault };
        break;
      case 'head':
        this.headEdits.push({ effect, fault });
        break;
      case 'filter':
        this.filters.push({ effect, fault });
        break;
      case 'rewrite':
        this.rewrites.push({ effect, fault });
        break;
      case 'throttle':
        this.throttles.push({ effect, fault });
        break;
      case 'cut':
        this.cuts.push({ effect, fault });
        break;
      case 'refuse':
      case 'tls':
        this.tooLate.push({ effect, fault });
        break;
      default:
        effect satisfies never;
    }
  }

  /** All were added. */
  finish(metering: string | undefined): this {
    const { requestDelays, respond, requestEnd, headDelays, headEdits, headEnd, throttles, cuts } = this;
    this.metering = metering;
    this.uploadCut = cuts.find(({ effect }) => effect.direction === 'up');
    this.answersAtOnce = requestDelays.length === 0 && (respond !== undefined || requestEnd !== undefined);
    this.readsAnswer = this.filters.length > 0 || this.rewrites.length > 0;
    this.touchesAnswer =
      this.readsAnswer ||
      headDelays.length > 0 ||
      headEdits.length > 0 ||
      headEnd !== undefined ||
      throttles.some(({ effect }) => effect.direction === 'down') ||
      cuts.some(({ effect }) => effect.direction === 'down');
    return this;
  }
}

function sortEffects(faults: Decision['faults'], impossible: Impossible | undefined): SortedEffects {
  const sorting = new Sorting();
  for (const { kind: fault, effects } of faults) {
    for (const effect of effects) {
      const reason = whyNot(effect, impossible);
      if (reason === undefined) sorting.add(effect, fault);
      else sorting.impossible.push({ fault, reason });
    }
  }
  return sorting.finish(faults.find(({ readsUsage }) => readsUsage)?.kind);
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
