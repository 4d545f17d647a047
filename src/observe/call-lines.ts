/**
 * The lines of a call that was answered at once: four events of one moment, one behind the other. From one such call
 * of a connection to the next little changes but the last digits of some numbers. So the lines of the last one are
 * kept as they were written, copied as a whole, and those digits are written over.
 */
import type {
  ExchangeDecided,
  ExchangeEnded,
  ExchangeHead,
  FaultApplied,
  ProxyEvent,
} from '../core/events.ts';
import { type Phrase, Words } from '../core/phrase.ts';
import { writeEvent } from './encode-event.ts';
import { pieceOfWords, sameTexts } from './event-pieces.ts';
import { CountingNumber, KeptNumber } from './kept-number.ts';
import { type LineBuffer, type Piece, putShareDigits, shareDigits, threeDigits } from './line-buffer.ts';

/** Events of such a call. */
export const CALL_EVENTS = 4;

/** Its events. */
interface Call {
  readonly decided: ExchangeDecided;
  readonly applied: FaultApplied;
  readonly head: ExchangeHead;
  readonly ended: ExchangeEnded;
}

/**
 * Writes the events of a call that was answered at once.
 *
 * @param first index of the first of them
 * @returns false if the events from there on are not such a call: nothing is written then
 */
export function writeCall(out: LineBuffer, events: readonly ProxyEvent[], first: number): boolean {
  if (first + CALL_EVENTS > events.length) return false;
  const decided = events[first]!;
  const applied = events[first + 1]!;
  const head = events[first + 2]!;
  const ended = events[first + 3]!;
  if (
    decided.type !== 'exchange.decided' ||
    applied.type !== 'fault.applied' ||
    head.type !== 'exchange.head' ||
    ended.type !== 'exchange.ended'
  )
    return false;
  const slot = slots[(4 * decided.connection + decided.attempt) % slots.length]!;
  if (slot.lines?.put(out, decided, applied, head, ended)) return true;
  const start = out.length;
  for (let i = first; i < first + CALL_EVENTS; i++) writeEvent(out, events[i]!);
  learn(slot, { decided, applied, head, ended }, out, start);
  return true;
}

/** What is kept for the first, second … tries of calls of a connection. Every 64th connection shares it. */
interface Slot {
  /** Of the last call: who calls there once only would keep lines in vain. */
  place: object | undefined;
  lines: CallLines | undefined;
  /** So many calls are not kept, since the last that was kept was of no use. */
  pause: number;
}

const slots = Array.from({ length: 256 }, (): Slot => ({ place: undefined, lines: undefined, pause: 0 }));
const PAUSE = 16;

/** @param start index of the call's lines in `out`, where they come last */
function learn(slot: Slot, call: Call, out: LineBuffer, start: number): void {
  const { place } = call.decided;
  if (place === undefined || place !== slot.place) {
    slot.place = place;
    slot.lines = undefined;
  } else if (slot.pause > 0) slot.pause--;
  else if (isKeepable(call)) {
    if (slot.lines?.used === false) slot.pause = PAUSE;
    slot.lines = new CallLines(Buffer.from(out.bytes.subarray(start)), call);
  }
}

/** Whether its numbers have all the digits that are written over. */
function isKeepable({ decided, applied, head, ended }: Call): boolean {
  const { at, exchange, nth, ordinal, phrase } = decided;
  const draw = drawIn(phrase, nth);
  return (
    isOneMoment(decided, applied, head, ended) &&
    [at, exchange, nth, ordinal].every(CountingNumber.fits) &&
    draw % 10 !== 0 &&
    microsOf(ended.ms) !== 0
  );
}

/** Whether all is of one call, and was told for one moment. */
function isOneMoment(
  decided: ExchangeDecided,
  applied: FaultApplied,
  head: ExchangeHead,
  ended: ExchangeEnded,
): boolean {
  const { exchange, at } = decided;
  return (
    applied.exchange === exchange &&
    head.exchange === exchange &&
    ended.exchange === exchange &&
    applied.at === at &&
    head.at === at &&
    ended.at === at &&
    head.ms === ended.ms &&
    applied.connection === decided.connection &&
    applied.rule === decided.rule &&
    decided.skipped.length === 0
  );
}

/** What differs between calls of one connection to one place, but for numbers that count up. */
function isAlike(
  decided: ExchangeDecided,
  applied: FaultApplied,
  head: ExchangeHead,
  ended: ExchangeEnded,
  last: Call,
): boolean {
  return (
    decided.connection === last.decided.connection &&
    decided.attempt === last.decided.attempt &&
    decided.client === last.decided.client &&
    decided.model === last.decided.model &&
    decided.stream === last.decided.stream &&
    decided.rule === last.decided.rule &&
    sameTexts(decided.faults, last.decided.faults) &&
    applied.fault === last.applied.fault &&
    applied.effect === last.applied.effect &&
    head.status === last.head.status &&
    head.source === last.head.source &&
    ended.how === last.ended.how &&
    ended.cause === last.ended.cause &&
    ended.status === last.ended.status &&
    ended.source === last.ended.source
  );
}

/** As {@link drawIn} has it where words alone give the reason. */
const NO_DRAW = -1;

/**
 * @returns the draw that a rule's reason tells, as {@link shareDigits} has it; {@link NO_DRAW}; 0 if the reason is put
 * in any other way than what the rule does, number of its match, a colon, and words, or words around a draw
 */
function drawIn(phrase: Phrase | undefined, nth: number): number {
  if (!isList(phrase) || phrase.length !== 4 || phrase[1] !== nth) return 0;
  const reason = phrase[3]!;
  if (!(phrase[0] instanceof Words && phrase[2] instanceof Words)) return 0;
  if (!isList(reason)) return reason instanceof Words ? NO_DRAW : 0;
  const draw = reason[1];
  if (reason.length !== 3 || typeof draw !== 'number') return 0;
  return reason[0] instanceof Words && reason[2] instanceof Words ? shareDigits(draw) : 0;
}

/** Whether two such reasons have the same words. */
function sameWords(one: readonly Phrase[], other: readonly Phrase[]): boolean {
  if (one[0] !== other[0] || one[2] !== other[2]) return false;
  const reason = one[3];
  const last = other[3];
  if (!isList(reason) || !isList(last)) return reason === last;
  return reason[0] === last[0] && reason[2] === last[2];
}

function isList(phrase: Phrase | undefined): phrase is readonly Phrase[] {
  return Array.isArray(phrase);
}

/** @returns 0 where milliseconds are not printed with one digit before the point and three behind it */
function microsOf(ms: number): number {
  const micros = Math.round(ms * 1000) | 0;
  return micros > 0 && micros < 10_000 && micros % 1000 !== 0 ? micros : 0;
}

const DOT = 0x2e;
const ZERO = 0x30;

class CallLines {
  used = false;
  readonly #lines: Pick<Piece, 'bytes' | 'length'>;
  readonly #last: Call;
  readonly #phrase: readonly Phrase[];
  readonly #at: CountingNumber;
  readonly #exchange: CountingNumber;
  readonly #nth: CountingNumber;
  readonly #ordinal: CountingNumber;
  readonly #bytesUp: KeptNumber;
  readonly #bytesDown: KeptNumber;
  /** Where the four digits of the draw begin, and where the milliseconds do. */
  readonly #draw: number;
  readonly #headMs: number;
  readonly #endedMs: number;

  /** @param bytes the lines; its own from now on */
  constructor(bytes: Buffer, last: Call) {
    const { decided, ended } = last;
    this.#lines = { bytes, length: bytes.length };
    this.#last = last;
    this.#phrase = decided.phrase as readonly Phrase[];
    // No text in the lines looks like a member: its quotes would be escaped.
    const behind = (member: string, from = 0): number[] => {
      const at = bytes.indexOf(member, from);
      return at < 0 ? [] : [at + member.length, ...behind(member, at + member.length)];
    };
    const match = behind('"why":"')[0]! + lengthOf(this.#phrase[0]!);
    const reason = match + String(decided.nth).length + lengthOf(this.#phrase[2]!);
    this.#at = new CountingNumber(bytes, decided.at, behind('"at":'));
    this.#exchange = new CountingNumber(bytes, decided.exchange, behind('"exchange":'));
    this.#nth = new CountingNumber(bytes, decided.nth, [...behind('"nth":'), match]);
    this.#ordinal = new CountingNumber(bytes, decided.ordinal, behind('"ordinal":'));
    this.#bytesUp = new KeptNumber(bytes, ended.bytesUp, behind('"bytesUp":'));
    this.#bytesDown = new KeptNumber(bytes, ended.bytesDown, behind('"bytesDown":'));
    const parts = this.#phrase[3]!;
    this.#draw = isList(parts) ? reason + lengthOf(parts[0]!) + '0.'.length : 0;
    [this.#headMs, this.#endedMs] = behind('"ms":') as [number, number];
  }

  /** @returns false if the call is not like the last one: nothing is written then */
  put(
    out: LineBuffer,
    decided: ExchangeDecided,
    applied: FaultApplied,
    head: ExchangeHead,
    ended: ExchangeEnded,
  ): boolean {
    const { at, exchange, nth, ordinal, phrase } = decided;
    if (decided.place !== this.#last.decided.place) return false;
    const draw = drawIn(phrase, nth);
    const micros = microsOf(ended.ms);
    if (
      draw === 0 ||
      micros === 0 ||
      !isAlike(decided, applied, head, ended, this.#last) ||
      !isOneMoment(decided, applied, head, ended) ||
      !sameWords(phrase as readonly Phrase[], this.#phrase) ||
      !this.#at.takes(at) ||
      !this.#exchange.takes(exchange) ||
      !this.#nth.takes(nth) ||
      !this.#ordinal.takes(ordinal) ||
      !this.#bytesUp.takes(ended.bytesUp) ||
      !this.#bytesDown.takes(ended.bytesDown)
    )
      return false;
    this.used = true;
    const start = out.length;
    const view = out.reserve(start, this.#lines.length);
    out.length = out.copy(start, this.#lines);
    this.#at.put(view, start, at);
    this.#exchange.put(view, start, exchange);
    this.#nth.put(view, start, nth);
    this.#ordinal.put(view, start, ordinal);
    putMicros(view, start + this.#headMs, micros);
    putMicros(view, start + this.#endedMs, micros);
    if (draw !== NO_DRAW) putDraw(out, view, start + this.#draw, draw);
    return true;
  }
}

function putMicros(view: DataView, at: number, micros: number): void {
  const whole = (micros / 1000) | 0;
  view.setUint8(at, ZERO + whole);
  view.setInt32(at + 1, (threeDigits(micros - 1000 * whole) << 8) | DOT, true);
}

/** To be put last: a draw that ends in zeros is told without them, and what follows moves up. */
function putDraw(out: LineBuffer, view: DataView, at: number, draw: number): void {
  const end = putShareDigits(view, at, draw);
  if (end < at + 4) out.remove(end, at + 4);
}

function lengthOf(words: Phrase): number {
  return pieceOfWords(words as Words).length;
}
