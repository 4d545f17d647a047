/** Sorts a decision's effects into the engine's one order (`core/effect-order.ts`). */
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
} from '../../core/effect.ts';
import { actsOnConnection, type Step, stepOf } from '../../core/effect-order.ts';
import type { Decision, PlannedFault } from '../../core/rules/decision.ts';
import type { Impossible } from '../transport/transport.ts';

/** An effect, and the fault that it belongs to. */
export interface PlannedEffect<E extends Effect> {
  readonly effect: E;
  readonly fault: PlannedFault;
}

/** What limits the speed of one direction: the lowest speed holds, first bytes wait for one after the other. */
export interface Throttling {
  readonly bytesPerSecond: number;
  readonly firstByteMs: number;
  /** Those that make a difference. */
  readonly by: readonly PlannedEffect<ThrottleEffect>[];
  /** Those that another makes meaningless. */
  readonly outdone: readonly PlannedEffect<ThrottleEffect>[];
}

/** Effects of one call by the point at which they act. Lists are in the rule's order. */
export interface SortedEffects {
  readonly requestDelays: readonly PlannedEffect<DelayEffect>[];
  readonly upload: Throttling | undefined;
  readonly uploadCut: PlannedEffect<CutEffect> | undefined;
  readonly requestEnd: PlannedEffect<EndEffect> | undefined;
  readonly respond: PlannedEffect<RespondEffect> | undefined;
  readonly headDelays: readonly PlannedEffect<DelayEffect>[];
  readonly headEdits: readonly PlannedEffect<HeadEffect>[];
  readonly headEnd: PlannedEffect<EndEffect> | undefined;
  readonly filters: readonly PlannedEffect<FilterEffect>[];
  readonly rewrites: readonly PlannedEffect<RewriteEffect>[];
  readonly download: Throttling | undefined;
  readonly downloadCut: PlannedEffect<CutEffect> | undefined;
  readonly idleEnd: PlannedEffect<EndEffect> | undefined;
  /** Effects of a connection phase: they cannot act once a request was read. */
  readonly tooLate: readonly PlannedEffect<Effect>[];
  /** Faults with an effect that the client's transport cannot perform, with the reason. */
  readonly impossible: readonly { readonly fault: PlannedFault; readonly reason: string }[];
  /** Neither the upstream, a timer nor more than the request is needed: the answer, or the end, comes at once. */
  readonly answersAtOnce: boolean;
  /** Some effect must understand the answer's body. */
  readonly readsAnswer: boolean;
  /** Some effect acts on the answer, whosever it is. */
  readonly touchesAnswer: boolean;
  /** The fault that wants the answer's usage; undefined: none does. */
  readonly metering: PlannedFault | undefined;
}

/** Sorts effects, and keeps the last result: a fault that plans the same effects again needs no sorting. */
export class EffectSorter {
  #faults: Decision['faults'] | undefined;
  #impossible: Impossible | undefined;
  #sorted: SortedEffects | undefined;

  /** @param impossible what the client's transport cannot perform */
  sort({ faults }: Decision, impossible: Impossible | undefined): SortedEffects {
    if (this.#sorted === undefined || this.#faults !== faults || this.#impossible !== impossible) {
      this.#sorted = new Sorted(faults, impossible);
      this.#faults = faults;
      this.#impossible = impossible;
    }
    return this.#sorted;
  }
}

const NONE: readonly never[] = Object.freeze([]);

/**
 * One object from the first to the last: a copy by `...` of one so large gets a hidden class of its own each time, which
 * outlives the call in the old generation.
 */
class Sorted implements SortedEffects {
  readonly requestDelays: readonly PlannedEffect<DelayEffect>[];
  readonly upload: Throttling | undefined;
  readonly uploadCut: PlannedEffect<CutEffect> | undefined;
  readonly requestEnd: PlannedEffect<EndEffect> | undefined;
  readonly respond: PlannedEffect<RespondEffect> | undefined;
  readonly headDelays: readonly PlannedEffect<DelayEffect>[];
  readonly headEdits: readonly PlannedEffect<HeadEffect>[];
  readonly headEnd: PlannedEffect<EndEffect> | undefined;
  readonly filters: readonly PlannedEffect<FilterEffect>[];
  readonly rewrites: readonly PlannedEffect<RewriteEffect>[];
  readonly download: Throttling | undefined;
  readonly downloadCut: PlannedEffect<CutEffect> | undefined;
  readonly idleEnd: PlannedEffect<EndEffect> | undefined;
  readonly tooLate: readonly PlannedEffect<Effect>[];
  readonly impossible: readonly { fault: PlannedFault; reason: string }[];
  readonly answersAtOnce: boolean;
  readonly readsAnswer: boolean;
  readonly touchesAnswer: boolean;
  readonly metering: PlannedFault | undefined;

  constructor(faults: Decision['faults'], cannot: Impossible | undefined) {
    const steps = new Map<Step | 'too-late', PlannedEffect<Effect>[]>();
    const impossible: { fault: PlannedFault; reason: string }[] = [];
    for (const fault of faults) {
      const reason = whyNot(fault, cannot);
      if (reason !== undefined) impossible.push({ fault, reason });
      else
        for (const effect of fault.effects) {
          const step = actsOnConnection(effect) ? 'too-late' : stepOf(effect);
          const list = steps.get(step);
          if (list === undefined) steps.set(step, [{ effect, fault }]);
          else list.push({ effect, fault });
        }
    }
    const at = <E extends Effect>(step: Step | 'too-late'): readonly PlannedEffect<E>[] =>
      (steps.get(step) as readonly PlannedEffect<E>[] | undefined) ?? NONE;
    this.requestDelays = at('request-delay');
    this.upload = together(at('upload-throttle'));
    this.uploadCut = at<CutEffect>('upload-cut')[0];
    this.requestEnd = at<EndEffect>('request-end')[0];
    this.respond = at<RespondEffect>('respond')[0];
    this.headDelays = at('head-delay');
    this.headEdits = at('head-edit');
    this.headEnd = at<EndEffect>('head-end')[0];
    this.filters = at('filter');
    this.rewrites = at('rewrite');
    this.download = together(at('download-throttle'));
    this.downloadCut = at<CutEffect>('download-cut')[0];
    this.idleEnd = at<EndEffect>('idle-end')[0];
    this.tooLate = at('too-late');
    this.impossible = impossible;
    this.metering = faults.find(({ readsUsage }) => readsUsage);
    this.answersAtOnce =
      this.requestDelays.length === 0 &&
      this.upload === undefined &&
      (this.respond !== undefined || this.requestEnd !== undefined);
    this.readsAnswer = this.filters.length > 0 || this.rewrites.length > 0;
    this.touchesAnswer =
      this.readsAnswer ||
      this.headDelays.length > 0 ||
      this.headEdits.length > 0 ||
      this.headEnd !== undefined ||
      this.download !== undefined ||
      this.downloadCut !== undefined;
  }
}

function together(throttles: readonly PlannedEffect<ThrottleEffect>[]): Throttling | undefined {
  if (throttles.length === 0) return undefined;
  const bytesPerSecond = Math.min(...throttles.map(({ effect }) => effect.bytesPerSecond));
  const counts = ({ effect }: PlannedEffect<ThrottleEffect>): boolean =>
    effect.bytesPerSecond === bytesPerSecond || (effect.firstByteMs ?? 0) > 0;
  return {
    bytesPerSecond,
    firstByteMs: throttles.reduce((sum, { effect }) => sum + (effect.firstByteMs ?? 0), 0),
    by: throttles.filter(counts),
    outdone: throttles.filter((one) => !counts(one)),
  };
}

/** Why a transport cannot perform all of a fault's effects; undefined when it can. */
export function whyNot({ effects }: PlannedFault, impossible: Impossible | undefined): string | undefined {
  if (impossible === undefined) return undefined;
  for (const effect of effects) {
    const how = endingOf(effect);
    if (how !== undefined && impossible[how] !== undefined) return impossible[how];
  }
  return undefined;
}

function endingOf(effect: Effect): EndHow | undefined {
  if (effect.do === 'end' || effect.do === 'cut') return effect.how;
  return effect.do === 'filter' ? effect.ends : undefined;
}
