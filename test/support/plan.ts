/** Plans a fault for one call, as the rules would. */
import type { z } from 'zod';
import type { Effect, FilterEffect, RewriteEffect, Rewritten } from '../../src/core/effect.ts';
import type { Phase } from '../../src/core/facts.ts';
import type { FaultDefinition, FaultEnv, PlanContext } from '../../src/core/faults/fault.ts';

const ENV: FaultEnv = { seed: 'test', messages: 'real' };

/** A context in which nothing about the call is known, and every draw is the same for the same lane. */
const CONTEXT = {
  facts: { body: {} },
  draw: (lane = 0) => (lane * 0.618034 + 0.25) % 1,
  nth: 1,
  now: 0,
  wall: 0,
} as unknown as PlanContext<Phase>;

/** Effects of a fault with the given parameters, as a rules file writes them. */
export function effectsOf<S extends z.ZodType>(
  fault: FaultDefinition<Phase, S> | FaultDefinition<'exchange', S>,
  params: z.input<S>,
  env: Partial<FaultEnv> = {},
): readonly Effect[] {
  return fault.plan(fault.params.parse(params), { ...ENV, ...env })(CONTEXT as PlanContext<'exchange'>);
}

/** The one effect of a sort. */
export function effectOf<S extends z.ZodType, D extends Effect['do']>(
  fault: FaultDefinition<'exchange', S>,
  params: z.input<S>,
  what: D,
  env: Partial<FaultEnv> = {},
): Extract<Effect, { do: D }> {
  const [effect, ...more] = effectsOf(fault, params, env).filter(
    (each): each is Extract<Effect, { do: D }> => each.do === what,
  );
  if (effect === undefined || more.length > 0) throw new Error(`not one ${what} effect`);
  return effect;
}

/** A fresh stream filter of a fault. */
export function filterOf<S extends z.ZodType>(
  fault: FaultDefinition<'exchange', S>,
  params: z.input<S>,
  answer: Parameters<FilterEffect['open']>[0] = { requestId: 'req_011CSHoEeqs5C35K2UUqR7Fy' },
  env: Partial<FaultEnv> = {},
) {
  return effectOf(fault, params, 'filter', env).open(answer);
}

/** What a fault makes of a JSON answer. */
export function rewritten<S extends z.ZodType>(
  fault: FaultDefinition<'exchange', S>,
  params: z.input<S>,
  body: unknown,
  answer?: Parameters<RewriteEffect['rewrite']>[2],
): Rewritten & { readonly text: string } {
  const bytes = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  const result = effectOf(fault, params, 'rewrite').rewrite(bytes, 'application/json', answer);
  return { ...result, text: Buffer.from(result.body).toString() };
}
