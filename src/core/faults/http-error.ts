/** `http-error`: an error of the API itself, as it writes it. What stands in front of the API is in `edge-error.ts`. */

import type { RespondEffect } from '../effect.ts';
import { LONG_TEXT } from '../peer-text.ts';
import { describeAnswer, isTimed, namesModel, renderError } from './error-answer.ts';
import { defineFault } from './fault.ts';
import { httpErrorParams } from './http-error-params.ts';

/** How many effects are kept when the wording names the request's model. */
const MODELS_KEPT = 64;

/** Answers with an error of the Claude API instead of forwarding the call. */
export const httpError = defineFault({
  kind: 'http-error',
  phase: 'exchange',
  changes: 'answer',
  summary: 'Answer with an error of the Claude API.',
  details:
    'Say which one by `status`, by `type` or by `name` (the command `errors` lists the names). A `name` brings that ' +
    "error's own wording, code, retry and rate-limit headers; where no wording is known, `Simulated error: …` stands " +
    'in. `retry-after` comes with those 429 that have it in reality, 5 seconds by default.',
  params: httpErrorParams,
  example: { name: 'rate-limit', retry_after: 16 },
  readsBody: (params, env) => namesModel(describeAnswer(params, env)),
  plan: (params, env) => {
    const answer = describeAnswer(params, env);
    const timed = isTimed(answer);
    const perModel = namesModel(answer);
    // The same object for as long as nothing in it changes: the engine keeps its bytes.
    if (!timed && !perModel) {
      const always = Object.freeze([renderError(answer, 0, undefined)] as const);
      return () => always;
    }
    const made = new Map<string | undefined, readonly [RespondEffect]>();
    let second = 0;
    return ({ facts, wall }) => {
      const now = timed ? Math.floor(wall / 1000) : 0;
      if (now !== second || made.size >= MODELS_KEPT) made.clear();
      second = now;
      const model = perModel ? facts.body.model : undefined;
      let effects = made.get(model);
      if (!effects) {
        effects = Object.freeze([renderError(answer, wall, model)] as const);
        if ((model?.length ?? 0) <= LONG_TEXT) made.set(model, effects);
      }
      return effects;
    };
  },
});
