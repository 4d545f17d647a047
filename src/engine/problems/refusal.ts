/** A request that is well formed, and that we do not serve. */
import { Problem, type ProblemCode } from '../../core/problem.ts';

export class Refusal extends Problem {
  readonly status = 403;

  /** @param why a sentence without its end, with the cure */
  constructor(code: Extract<ProblemCode, 'foreign-host' | 'foreign-page'>, why: string) {
    super(code, why);
  }
}
