/**
 * Waits until what was set off inside this process has run its course. TLS and the engine answer within a few turns
 * of the event loop and without I/O, so silence is counted in turns, not in time: load cannot make it too short.
 */

/** Node's TLS over a stream writes at most one portion a turn; a portion behind another is thus seen within two. */
const QUIET_TURNS = 3;

export class Settler {
  readonly #run: () => void;
  #quiet = 0;
  #counting = false;

  /** @param run called once nothing was touched for some turns */
  constructor(run: () => void) {
    this.#run = run;
  }

  /** True while something may still come of itself. */
  get unsettled(): boolean {
    return this.#counting;
  }

  /** Something happened. */
  touch(): void {
    this.#quiet = 0;
    if (this.#counting) return;
    this.#counting = true;
    setImmediate(this.#turn);
  }

  readonly #turn = (): void => {
    this.#quiet += 1;
    if (this.#quiet < QUIET_TURNS) {
      setImmediate(this.#turn);
      return;
    }
    this.#counting = false;
    this.#run();
  };
}
