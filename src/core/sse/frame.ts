/**
 * A frame of an SSE stream as the decoder cuts it out: its bytes now, its fields when somebody asks.
 * Most events of a filtered stream are only counted and passed on, so nothing is decoded before it is needed.
 * Fields are read as WHATWG HTML §9.2.6 says; `id` and `retry` mean nothing here and stay in `raw`.
 */
import type { SseEvent } from './event.ts';

const LF = 10;
const CR = 13;
const SPACE = 32;
const COLON = 58;

/** Names that a Messages stream uses: found by comparing bytes, without making a string for each event. */
const KNOWN_NAMES: ReadonlyMap<number, readonly (readonly [Buffer, string])[]> = byLength([
  'content_block_delta',
  'content_block_start',
  'content_block_stop',
  'message_start',
  'message_delta',
  'message_stop',
  'ping',
  'error',
]);

function byLength(names: readonly string[]): Map<number, (readonly [Buffer, string])[]> {
  const map = new Map<number, (readonly [Buffer, string])[]>();
  for (const name of names) {
    const same = map.get(name.length) ?? [];
    same.push([Buffer.from(name), name]);
    map.set(name.length, same);
  }
  return map;
}

/** One frame, parsed on first use. */
export class SseFrame implements SseEvent {
  readonly raw: Buffer;
  readonly #from: number;
  readonly #lfOnly: boolean;
  #parsed = false;
  #name: string | undefined;
  #data: string | undefined;
  #dataStart = -1;
  #dataEnd = -1;

  /**
   * @param raw the frame's bytes, its blank line included
   * @param from where its first line starts: 3 behind a byte order mark, else 0
   * @param lfOnly known to hold no CR: saves a search for it
   */
  constructor(raw: Buffer, from = 0, lfOnly = false) {
    this.raw = raw;
    this.#from = from;
    this.#lfOnly = lfOnly;
  }

  get name(): string | undefined {
    if (!this.#parsed) this.#parse();
    return this.#name;
  }

  get data(): string | undefined {
    if (!this.#parsed) this.#parse();
    if (this.#data === undefined && this.#dataStart >= 0) {
      this.#data = this.raw.toString('utf8', this.#dataStart, this.#dataEnd);
    }
    return this.#data;
  }

  /** Whether there is a `data:` line, without decoding it. A frame without one is no event for a client. */
  get hasData(): boolean {
    if (!this.#parsed) this.#parse();
    return this.#dataStart >= 0;
  }

  #parse(): void {
    this.#parsed = true;
    const { raw } = this;
    let cr = this.#lfOnly ? -1 : raw.indexOf(CR);
    for (let start = this.#from; start < raw.length; ) {
      if (cr !== -1 && cr < start) cr = raw.indexOf(CR, start);
      const lf = lineFeed(raw, start);
      const end = cr !== -1 && (lf === -1 || cr < lf) ? cr : lf;
      if (end === -1) break;
      if (end > start) this.#field(start, end);
      start = end + 1;
    }
  }

  /** Takes one line, `raw[start..end)`. Only `data` and `event` have a meaning here; comments start with a colon. */
  #field(start: number, end: number): void {
    const { raw } = this;
    const first = raw[start];
    if (first === 0x64 && isField(raw, start, end, DATA)) {
      const from = valueStart(raw, start + 4, end);
      if (this.#dataStart === -1) {
        this.#dataStart = from;
        this.#dataEnd = end;
      } else {
        this.#data = `${this.data}\n${raw.toString('utf8', from, end)}`;
      }
    } else if (first === 0x65 && isField(raw, start, end, EVENT)) {
      this.#name = nameAt(raw, valueStart(raw, start + 5, end), end);
    }
  }
}

/** Looks at the next few bytes itself, where names and blank lines end, before it calls into native code. */
function lineFeed(raw: Buffer, start: number): number {
  const near = Math.min(start + 28, raw.length);
  for (let i = start; i < near; i++) if (raw[i] === LF) return i;
  return near < raw.length ? raw.indexOf(LF, near) : -1;
}

const DATA = Buffer.from('data');
const EVENT = Buffer.from('event');

function isField(raw: Buffer, start: number, end: number, field: Buffer): boolean {
  const stop = start + field.length;
  if (stop > end || (stop < end && raw[stop] !== COLON)) return false;
  for (let i = 1; i < field.length; i++) if (raw[start + i] !== field[i]) return false;
  return true;
}

/** @param after index right behind the field's name */
function valueStart(raw: Buffer, after: number, end: number): number {
  if (after >= end) return end;
  return after + 1 < end && raw[after + 1] === SPACE ? after + 2 : after + 1;
}

function nameAt(raw: Buffer, start: number, end: number): string {
  search: for (const [bytes, name] of KNOWN_NAMES.get(end - start) ?? []) {
    for (let i = 0; i < bytes.length; i++) if (raw[start + i] !== bytes[i]) continue search;
    return name;
  }
  return raw.toString('utf8', start, end);
}

/** Whether a client would see this frame as an event at all: it has data. */
export function hasData(event: SseEvent): boolean {
  return event instanceof SseFrame ? event.hasData : event.data !== undefined;
}
