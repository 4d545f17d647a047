/** How a fault ends a connection: the words of a rules file for {@link EndHow}, said once for all faults that end one. */
import { z } from 'zod';
import type { EndHow } from '../effect.ts';

const HOWS = ['reset', 'close', 'abrupt', 'hang', 'half-close'] as const satisfies readonly EndHow[];

/** The parameter `how`; `reset` by default. */
export const endHow = z
  .enum(HOWS, { error: 'how is reset, close, abrupt, hang or half-close' })
  .default('reset')
  .describe(
    '`reset` (RST), `close` (close_notify where there is TLS, then FIN), `abrupt` (FIN without close_notify), ' +
      '`hang` (not another byte and no FIN) or `half-close` (our sending side alone is shut; what the client sends is read until it leaves).',
  );
