/**
 * How lines of events begin, as bytes: all that is mostly the same from call to call, up to the first number. Each is
 * made once and kept while calls are like it.
 */
import type {
  ExchangeDecided,
  ExchangeEnded,
  ExchangeHead,
  FaultApplied,
  ProxyEvent,
} from '../core/events.ts';
import type { Words } from '../core/phrase.ts';
import { type LineBuffer, type Piece, pieceOf, putPiece, putThreeDigits, viewOf } from './line-buffer.ts';
import { printableJson } from './printable.ts';

/** Up to the moment, which is then put over digits that stand for it. */
const BEFORE_MOMENT = '{"v":1,"at":';
const DIGITS = 13;
const AT = BEFORE_MOMENT.length;

/**
 * Puts how a line begins, where room was made.
 *
 * @param at milliseconds since the Unix epoch
 * @returns index behind it, where the number of the exchange comes
 */
export function putBegin(out: LineBuffer, view: DataView, start: number, begin: Piece, at: number): number {
  if (at !== moment.at) readMoment(at);
  if (moment.odd !== undefined) return out.copy(out.copy(start, moment.odd), afterMoment(begin));
  const end = out.copy(start, begin);
  view.setFloat64(start + AT, moment.first, true);
  view.setInt32(start + AT + 8, moment.next, true);
  view.setUint8(start + AT + 12, moment.last);
  return end;
}

/** The moment that was told last, as digits: many events fall on one. */
const moment = {
  at: Number.NaN,
  second: Number.NaN,
  first: 0,
  next: 0,
  last: 0,
  /** How a line begins where it is no whole number of so many digits. */
  odd: undefined as Piece | undefined,
};
const DIGITS_OF_MOMENT = viewOf(Buffer.alloc(DIGITS + 3));

function readMoment(at: number): void {
  const second = Number.isInteger(at) ? Math.floor(at / 1000) : Number.NaN;
  if (second !== moment.second) {
    const usual = second >= 1e9 && second < 1e10;
    moment.second = usual ? second : Number.NaN;
    moment.odd = usual ? undefined : pieceOf(BEFORE_MOMENT + at);
    if (usual) putPiece(DIGITS_OF_MOMENT, 0, pieceOf(String(second)));
  }
  putThreeDigits(DIGITS_OF_MOMENT, DIGITS - 3, at - 1000 * second);
  moment.at = at;
  moment.first = DIGITS_OF_MOMENT.getFloat64(0, true);
  moment.next = DIGITS_OF_MOMENT.getInt32(8, true);
  moment.last = DIGITS_OF_MOMENT.getUint8(12);
}

function afterMoment({ bytes }: Piece): Pick<Piece, 'bytes' | 'length'> {
  const rest = bytes.subarray(AT + DIGITS);
  return { bytes: rest, length: rest.length };
}

/** @param members what is to be told before the number of the exchange */
function beginOf(type: ProxyEvent['type'], members: object): Piece {
  const told = printableJson(members).slice(1, -1);
  return pieceOf(`${BEFORE_MOMENT}${'0'.repeat(DIGITS)},"type":"${type}",${told},"exchange":`);
}

/** What is called, and by whom, and what the rules mean to do. */
export function beginOfDecided(event: ExchangeDecided): Piece {
  const { via, tls, method, host, port, path, model, stream, attempt, conversation, client, rule, faults } =
    event;
  const slot =
    (path.length + (attempt ?? 0) + (client.charCodeAt(0) | 0) + 8 * (rule?.length ?? 0)) % calls.length;
  const last = calls[slot]!;
  if (
    last.path === path &&
    last.client === client &&
    last.rule === rule &&
    last.attempt === attempt &&
    last.model === model &&
    last.stream === stream &&
    last.conversation === conversation &&
    last.method === method &&
    last.host === host &&
    last.port === port &&
    last.via === via &&
    last.tls === tls &&
    sameTexts(last.faults!, faults)
  )
    return last.begin;
  const call = {
    via,
    tls,
    method,
    host,
    port,
    path,
    model,
    stream,
    attempt,
    conversation,
    client,
    rule,
    faults,
  };
  const begin = beginOf('exchange.decided', call);
  if (path.length <= MAX_KEPT) calls[slot] = { ...call, begin };
  return begin;
}

function sameTexts(one: readonly string[], other: readonly string[]): boolean {
  if (one.length !== other.length) return false;
  for (let i = 0; i < one.length; i++) if (one[i] !== other[i]) return false;
  return true;
}

export function beginOfApplied({ rule, fault, effect }: FaultApplied): Piece {
  const slot = (rule.length + effect.length) % effects.length;
  const last = effects[slot]!;
  if (last.effect === effect && last.rule === rule && last.fault === fault) return last.begin;
  const begin = beginOf('fault.applied', { rule, fault, effect });
  effects[slot] = { rule, fault, effect, begin };
  return begin;
}

export function beginOfHead({ status, source }: ExchangeHead): Piece {
  const slot = status % answers.length;
  const last = answers[slot]!;
  if (last.status === status && last.source === source) return last.begin;
  const begin = beginOf('exchange.head', { status, source });
  answers[slot] = { status, source, begin };
  return begin;
}

export function beginOfEnded({ how, cause, status, source }: ExchangeEnded): Piece {
  const slot = status % outcomes.length;
  const last = outcomes[slot]!;
  if (last.status === status && last.how === how && last.cause === cause && last.source === source)
    return last.begin;
  const begin = beginOf('exchange.ended', { how, cause, status, source });
  outcomes[slot] = { how, cause, status, source, begin };
  return begin;
}

/** What was told last, and how its line began. */
type Last<Event, Member extends keyof Event> = { readonly [M in Member]?: Event[M] | undefined } & {
  readonly begin: Piece;
};

/** Calls of a few kinds take turns, so that the last of each is kept: in a slot by some property that is cheap to tell. */
function slots<Event, Member extends keyof Event>(count: number): Last<Event, Member>[] {
  return new Array(count).fill({ begin: pieceOf('') });
}

const calls = slots<
  ExchangeDecided,
  | 'via'
  | 'tls'
  | 'method'
  | 'host'
  | 'port'
  | 'path'
  | 'model'
  | 'stream'
  | 'attempt'
  | 'conversation'
  | 'client'
  | 'rule'
  | 'faults'
>(64);
const effects = slots<FaultApplied, 'rule' | 'fault' | 'effect'>(8);
const answers = slots<ExchangeHead, 'status' | 'source'>(8);
const outcomes = slots<ExchangeEnded, 'how' | 'cause' | 'status' | 'source'>(8);

/** Texts that were written by themselves, inside a JSON string: mostly the same few for all calls. */
const texts = new Map<string, Piece>();
const MAX_TEXTS = 500;
/** Longer texts and paths are written anew each time. */
const MAX_KEPT = 2048;

/** Words, inside a JSON string. */
export function pieceOfWords(words: Words): Piece {
  return (words.printed ??= quoted(words.text)) as Piece;
}

/** Text, inside a JSON string. */
export function pieceOfText(text: string): Piece {
  let piece = texts.get(text);
  if (piece === undefined) {
    piece = quoted(text);
    if (texts.size >= MAX_TEXTS) texts.clear();
    if (text.length <= MAX_KEPT) texts.set(text, piece);
  }
  return piece;
}

function quoted(text: string): Piece {
  return pieceOf(printableJson(text).slice(1, -1));
}
