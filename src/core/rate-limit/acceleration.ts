/**
 * Limits how fast usage may grow: in each window at most so many times the calls of the window before. The API has
 * such limits and tells no numbers (D:api/rate-limits, acceleration limits), so these are the user's.
 */

export interface AccelerationParams {
  /** Calls that each window allows, whatever came before. */
  readonly requests: number;
  /** How many times the calls of the window before. */
  readonly growth: number;
  /** Length of a window, milliseconds. */
  readonly window: number;
}

export class Acceleration {
  readonly #params: AccelerationParams;
  #start: number;
  #before = 0;
  #taken = 0;

  /** @param now when the first window begins */
  constructor(params: AccelerationParams, now: number) {
    this.#params = params;
    this.#start = now;
  }

  /** Calls that the window at `now` allows in all. */
  allowed(now: number): number {
    this.#turn(now);
    return Math.max(this.#params.requests, Math.floor(this.#params.growth * this.#before));
  }

  /** Calls that were let in in the window at `now`. */
  taken(now: number): number {
    this.#turn(now);
    return this.#taken;
  }

  take(now: number): void {
    this.#turn(now);
    this.#taken++;
  }

  /** Milliseconds until another call is allowed; 0 when one is. */
  wait(now: number): number {
    return this.#taken < this.allowed(now) ? 0 : this.#start + this.#params.window - now;
  }

  #turn(now: number): void {
    const { window } = this.#params;
    const passed = Math.floor((now - this.#start) / window);
    if (passed < 1) return;
    this.#before = passed === 1 ? this.#taken : 0;
    this.#taken = 0;
    this.#start += passed * window;
  }
}
