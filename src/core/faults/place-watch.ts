/** Finds a fault's place in one stream. */
import { indexOf, isCounted, readData, typeOf, writtenIn } from '../anthropic/stream.ts';
import { StreamPosition } from '../anthropic/stream-position.ts';
import type { SseEvent } from '../sse/event.ts';
import { type Place, placeText } from './place.ts';

/** The place was found at this event. */
export interface Hit {
  /** Before or behind the event at hand. */
  readonly side: 'before' | 'after';
  /** For a place by bytes: how many bytes of the event still come before it. */
  readonly split?: number;
}

const BEFORE: Hit = Object.freeze({ side: 'before' });
const AFTER: Hit = Object.freeze({ side: 'after' });

export interface WatchOptions {
  /** Look into deltas also where the place does not need it, for faults that read `position`. */
  readonly content?: boolean;
  /**
   * Where the fault makes sense. `message`: between message_start and message_stop; a place before is put off until then.
   * `stream`: as long as message_stop did not go by. A place behind is not found. Default: anywhere.
   */
  readonly within?: 'message' | 'stream';
}

/** Watches one stream for one place. */
export class PlaceWatch {
  readonly position: StreamPosition;
  readonly #place: Place;
  readonly #within: WatchOptions['within'];
  #found = false;
  /** Reached before message_start, so put off. */
  #early = false;
  /** Reached only behind message_stop. */
  #late = false;

  constructor(place: Place, options: WatchOptions = {}) {
    this.#place = place;
    this.#within = options.within;
    this.position = new StreamPosition(options.content === true || needsContent(place));
  }

  get found(): boolean {
    return this.#found;
  }

  /**
   * Takes the next event; says where the place lies when this is the event that reaches it. Says it once.
   *
   * @param now milliseconds since the answer's head
   */
  see(event: SseEvent, now: number): Hit | undefined {
    const { position } = this;
    if (this.#found) {
      position.advance(event);
      return undefined;
    }
    if (this.#isBefore(event, now)) {
      if (this.#mayAct()) {
        // `position` stays where the place is, in front of the event.
        this.#found = true;
        return BEFORE;
      }
      this.#early ||= !position.started;
    }
    const { bytes } = position;
    position.advance(event);
    let hit = this.#isAfter(event, bytes);
    if (this.#early) hit = AFTER;
    if (hit === undefined) return undefined;
    if (this.#mayAct()) {
      this.#found = true;
      return hit;
    }
    this.#early ||= !position.started;
    this.#late ||= position.complete;
    return undefined;
  }

  /**
   * How many of the next events, if they are deltas of no more than `bytes` in all, cannot be the place.
   * Until the place was found.
   *
   * @param now milliseconds since the answer's head
   */
  spare(now: number, bytes: number): number {
    const place = this.#place;
    if (this.#found || this.#early || !this.position.countsDeltas) return 0;
    switch (place.by) {
      case 'events':
        return place.count - this.position.events - 1;
      case 'bytes':
        return this.position.bytes + bytes < place.count ? Number.POSITIVE_INFINITY : 0;
      case 'time':
        return now < place.count ? Number.POSITIVE_INFINITY : 0;
      case 'point':
        return place.point === 'first_token' || place.point === 'first_event' ? 0 : Number.POSITIVE_INFINITY;
      default:
        return 0;
    }
  }

  /** So many deltas of so many bytes went by, within what {@link spare} said. */
  passedOver(deltas: number, bytes: number): void {
    this.position.advanceDeltas(deltas, bytes);
  }

  /** Whether `event` is the place's own or comes behind it: for faults that act on events rather than between them. */
  reached(event: SseEvent, now: number): boolean {
    const already = this.#found;
    return (this.see(event, now)?.side === 'before' || already) && isCounted(event);
  }

  /** When a place by time is due, until it was found. */
  due(): number | undefined {
    if (this.#place.by !== 'time' || this.#found) return undefined;
    return this.#mayAct() ? this.#place.count : undefined;
  }

  /** Whether a place by time is reached at `now`. Says it once. */
  isTime(now: number): boolean {
    const due = this.due();
    if (due === undefined || now < due) return false;
    this.#found = true;
    return true;
  }

  /** Why the place was not found, for `fault.skipped`. */
  missed(): string {
    if (this.#late) return `the message is whole ${placeText(this.#place)}`;
    const { events, failed } = this.position;
    const end = failed ? 'the upstream sent an error of its own' : 'the stream ended';
    return `${end} after ${events} event${events === 1 ? '' : 's'}, never ${placeText(this.#place)}`;
  }

  #isBefore(event: SseEvent, now: number): boolean {
    const place = this.#place;
    if (place.by === 'time') return now >= place.count;
    if (place.by !== 'point' || place.side !== 'before' || !isCounted(event)) return false;
    return this.#isPoint(place.point, place.index, event);
  }

  #isAfter(event: SseEvent, bytesBefore: number): Hit | undefined {
    const place = this.#place;
    const { position } = this;
    switch (place.by) {
      case 'bytes':
        return position.bytes >= place.count
          ? { side: 'after', split: place.count - bytesBefore }
          : undefined;
      case 'events':
      case 'text':
      case 'tokens':
        return position[place.by] >= place.count ? AFTER : undefined;
      case 'piece':
        return position.block?.kind === place.block && position.block.pieces >= place.count
          ? AFTER
          : undefined;
      case 'point':
        return place.side === 'after' && isCounted(event) && this.#isPoint(place.point, place.index, event)
          ? AFTER
          : undefined;
      case 'time':
        return undefined;
    }
  }

  #mayAct(): boolean {
    const { started, complete } = this.position;
    return this.#within === undefined || (!complete && (started || this.#within === 'stream'));
  }

  #isPoint(point: string, index: number | undefined, event: SseEvent): boolean {
    if (point === 'first_event') return true;
    const type = typeOf(event);
    if (point === 'first_token') {
      return type === 'content_block_delta' && (writtenIn(readData(event))?.text ?? '') !== '';
    }
    return type === point && (index === undefined || indexOf(readData(event)) === index);
  }
}

function needsContent(place: Place): boolean {
  return place.by === 'text' || place.by === 'tokens' || place.by === 'piece';
}
