/**
 * What lies between the numbers of an event's line, as bytes: beginnings, members that are mostly the same from call to
 * call, words of reasons. Each is made once and kept while calls are like it.
 */
import type {
  ExchangeDecided,
  ExchangeEnded,
  ExchangeHead,
  FaultApplied,
  ProxyEvent,
} from '../core/events.ts';
import { type Piece, pieceOf, putPiece, putThreeDigits } from './line-buffer.ts';

const COMMA = 0x2c;

/** How lines of one type begin, up to the number of the exchange. Moments of one second differ in three digits. */
export class LineBegin {
  readonly #type: string;
  #second = -1;
  #piece = pieceOf('');
  /** Index of the three digits. */
  #digits = 0;

  constructor(type: ProxyEvent['type']) {
    this.#type = type;
  }

  /** @param at milliseconds since the Unix epoch */
  put(view: DataView, start: number, at: number): number {
    if (at !== moment.at) readMoment(at);
    const { second } = moment;
    if (second !== this.#second) {
      if (second < 1) return putPiece(view, start, this.#pieceOf(at));
      this.#second = second;
      this.#digits = `{"v":1,"at":${second}`.length;
      this.#piece = this.#pieceOf(1000 * second);
    }
    const end = putPiece(view, start, this.#piece);
    view.setUint8(putThreeDigits(view, start + this.#digits, moment.ms), COMMA);
    return end;
  }

  #pieceOf(at: number): Piece {
    return pieceOf(`{"v":1,"at":${at},"type":"${this.#type}","exchange":`);
  }
}

/** The moment that was told last: many events fall on one. */
const moment = { at: Number.NaN, second: 0, ms: 0 };

function readMoment(at: number): void {
  moment.at = at;
  moment.second = Number.isSafeInteger(at) ? Math.floor(at / 1000) : 0;
  moment.ms = at - 1000 * moment.second;
}

/** What is called. */
export function callOf({ via, tls, method, host, port, path, model, stream }: ExchangeDecided): Piece {
  const slot = path.length % SLOTS;
  const last = calls[slot]!;
  if (
    last.path === path &&
    last.model === model &&
    last.stream === stream &&
    last.method === method &&
    last.host === host &&
    last.port === port &&
    last.via === via &&
    last.tls === tls
  )
    return last.piece;
  const call = { via, tls, method, host, port, path, model, stream };
  const piece = pieceOf(textOf(call));
  calls[slot] = { ...call, piece };
  return piece;
}

/** Whose call it is, and which rule acts; to the number of its match. */
export function whoseOf({ client, rule }: ExchangeDecided): Piece {
  const slot = (rule?.length ?? 0) % SLOTS;
  const last = owners[slot]!;
  if (last.client === client && last.rule === rule) return last.piece;
  const piece = pieceOf(`${textOf({ client, rule })},"nth":`);
  owners[slot] = { client, rule, piece };
  return piece;
}

/** To the reason in words. */
export function faultsOf(faults: readonly string[]): Piece {
  const slot = faults.length % SLOTS;
  const last = plans[slot]!;
  if (last.faults === faults) return last.piece;
  const piece = pieceOf(`${textOf({ faults })},"why":"`);
  plans[slot] = { faults, piece };
  return piece;
}

/** To the end of the line. */
export function effectOf({ rule, fault, effect }: FaultApplied): Piece {
  const slot = (rule.length + effect.length) % SLOTS;
  const last = effects[slot]!;
  if (last.effect === effect && last.rule === rule && last.fault === fault) return last.piece;
  const piece = pieceOf(`${textOf({ rule, fault, effect })}}\n`);
  effects[slot] = { rule, fault, effect, piece };
  return piece;
}

/** To the milliseconds. */
export function answerOf({ status, source }: ExchangeHead): Piece {
  const slot = status % SLOTS;
  const last = answers[slot]!;
  if (last.status === status && last.source === source) return last.piece;
  const piece = pieceOf(`${textOf({ status, source })},"ms":`);
  answers[slot] = { status, source, piece };
  return piece;
}

/** To the number of bytes that went up. */
export function outcomeOf({ how, cause, status, source }: ExchangeEnded): Piece {
  const slot = status % SLOTS;
  const last = outcomes[slot]!;
  if (last.status === status && last.how === how && last.cause === cause && last.source === source)
    return last.piece;
  const piece = pieceOf(`${textOf({ how, cause, status, source })},"bytesUp":`);
  outcomes[slot] = { how, cause, status, source, piece };
  return piece;
}

/** Members of a JSON object, each with a comma before it. */
function textOf(object: object): string {
  return `,${JSON.stringify(object).slice(1, -1)}`;
}

/** Calls of a few kinds take turns, so that the last of each is kept: in a slot by some property that is cheap to tell. */
const SLOTS = 8;

/** What was written last: members, and the bytes that they became. */
type Last<Event, Member extends keyof Event> = { readonly [M in Member]?: Event[M] | undefined } & {
  readonly piece: Piece;
};

function slots<Event, Member extends keyof Event>(): Last<Event, Member>[] {
  return new Array(SLOTS).fill({ piece: pieceOf('') });
}

const calls = slots<
  ExchangeDecided,
  'via' | 'tls' | 'method' | 'host' | 'port' | 'path' | 'model' | 'stream'
>();
const owners = slots<ExchangeDecided, 'client' | 'rule'>();
const plans = slots<ExchangeDecided, 'faults'>();
const effects = slots<FaultApplied, 'rule' | 'fault' | 'effect'>();
const answers = slots<ExchangeHead, 'status' | 'source'>();
const outcomes = slots<ExchangeEnded, 'how' | 'cause' | 'status' | 'source'>();

/** Words of a reason, inside a JSON string. */
export interface Words extends Piece {
  readonly text: string;
}

/** All that were written, by themselves: mostly the same few for all calls. */
const words = new Map<string, Words>();
const MAX_WORDS = 500;

/** @param last words that it may well be again */
export function wordsOf(text: string, last: Words | undefined): Words {
  if (last !== undefined && last.text === text) return last;
  let found = words.get(text);
  if (found === undefined) {
    found = { text, ...pieceOf(JSON.stringify(text).slice(1, -1)) };
    if (words.size >= MAX_WORDS) words.clear();
    words.set(text, found);
  }
  return found;
}
