/** A stream fault that changes some events wherever they come, and passes all others. */
import type { StreamFilter, StreamOp } from '../effect.ts';
import type { SseEvent } from '../sse/event.ts';
import { pass, passRest } from './point-filter.ts';

/** What becomes of an event: itself (untouched), another in its place, or nothing. */
export type Edit = (event: SseEvent) => SseEvent | undefined;

export class EditFilter implements StreamFilter {
  readonly #edit: Edit;
  readonly #note: string;
  readonly #missing: string;
  #applied = false;

  /**
   * @param note what is done, for `fault.applied`
   * @param missing why nothing was done, when no event was changed
   */
  constructor(edit: Edit, note: string, missing: string) {
    this.#edit = edit;
    this.#note = note;
    this.#missing = missing;
  }

  onEvent(event: SseEvent): readonly StreamOp[] {
    const edited = this.#edit(event);
    if (edited === event) return pass(event);
    const ops = edited === undefined ? [] : pass(edited);
    if (this.#applied) return ops;
    this.#applied = true;
    return [{ op: 'applied', note: this.#note }, ...ops];
  }

  onEnd(rest: Uint8Array): readonly StreamOp[] {
    return passRest(rest);
  }

  skipped(): string | undefined {
    return this.#applied ? undefined : this.#missing;
  }
}
