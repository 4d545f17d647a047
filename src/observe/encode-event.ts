/**
 * An event as one line of JSON, for the event log.
 * Written by hand per type, as bytes: several events fall on every call, and `JSON.stringify` of a dozen keys each
 * time, or joining strings, would be most of what an event log costs. Calls are mostly of few kinds, so what lies
 * between two numbers is kept as bytes.
 */
import type {
  ExchangeDecided,
  ExchangeEnded,
  ExchangeHead,
  FaultApplied,
  ProxyEvent,
} from '../core/events.ts';
import type { Phrase } from '../core/phrase.ts';
import type { Skip } from '../core/rules/decision.ts';
import {
  answerOf,
  callOf,
  effectOf,
  faultsOf,
  LineBegin,
  outcomeOf,
  type Words,
  whoseOf,
  wordsOf,
} from './event-pieces.ts';
import {
  LineBuffer,
  NUMBER_ROOM,
  pieceOf,
  putMilliseconds,
  putNumber,
  putPiece,
  putShortNumber,
} from './line-buffer.ts';

/** Writes the event as JSON and a line end; `JSON.parse` gives the same event back. */
export function writeEvent(out: LineBuffer, event: ProxyEvent): void {
  switch (event.type) {
    case 'exchange.decided':
      writeDecided(out, event);
      break;
    case 'fault.applied':
      writeApplied(out, event);
      break;
    case 'exchange.head':
      writeHead(out, event);
      break;
    case 'exchange.ended':
      writeEnded(out, event);
      break;
    default: {
      // Rare. In the same order, since a file is known for an event log by how its first line begins.
      const { v: _v, at, type, ...rest } = event;
      out.raw(`{"v":1,"at":${at},"type":"${type}",${JSON.stringify(rest).slice(1)}\n`);
    }
  }
}

/** The line that {@link writeEvent} writes, as text. */
export function encodeEvent(event: ProxyEvent): string {
  line.length = 0;
  writeEvent(line, event);
  return line.bytes.toString();
}

const line = new LineBuffer(4096);

const DECIDED = new LineBegin('exchange.decided');
const APPLIED = new LineBegin('fault.applied');
const HEAD = new LineBegin('exchange.head');
const ENDED = new LineBegin('exchange.ended');

const CONNECTION = pieceOf(',"connection":');
const ATTEMPT = pieceOf(',"attempt":');
const ORDINAL = pieceOf(',"ordinal":');
const SKIPPED = pieceOf('","skipped":');
const NONE_SKIPPED = pieceOf('","skipped":[]}\n');
const BYTES_DOWN = pieceOf(',"bytesDown":');
const MS = pieceOf(',"ms":');
const END = pieceOf('}\n');

/** Room for all of a line but its pieces of no fixed length: its numbers, and what is constant between them. */
const LINE_ROOM = 512;

function writeDecided(out: LineBuffer, event: ExchangeDecided): void {
  // All that is worked out comes before the first byte: should it fail, no half line is left behind.
  const why = event.phrase ?? event.why;
  const call = callOf(event);
  const whose = whoseOf(event);
  const faults = faultsOf(event.faults);
  const view = out.reserve(LINE_ROOM + call.room + whose.room + faults.room);
  let at = DECIDED.put(view, out.length, event.at);
  at = putNumber(view, at, event.exchange);
  at = putPiece(view, at, CONNECTION);
  at = putNumber(view, at, event.connection);
  at = putPiece(view, at, call);
  at = putPiece(view, at, ATTEMPT);
  at = putNumber(view, at, event.attempt);
  at = putPiece(view, at, whose);
  at = putNumber(view, at, event.nth);
  at = putPiece(view, at, ORDINAL);
  at = putNumber(view, at, event.ordinal);
  out.length = putPiece(view, at, faults);
  writeReason(out, typeof why === 'object' ? why : [why], 0);
  writeSkipped(out, event.skipped);
}

function writeApplied(out: LineBuffer, event: FaultApplied): void {
  const effect = effectOf(event);
  const view = out.reserve(LINE_ROOM + effect.room);
  let at = APPLIED.put(view, out.length, event.at);
  at = putNumber(view, at, event.exchange);
  at = putPiece(view, at, CONNECTION);
  at = putNumber(view, at, event.connection);
  out.length = putPiece(view, at, effect);
}

function writeHead(out: LineBuffer, event: ExchangeHead): void {
  const answer = answerOf(event);
  const view = out.reserve(LINE_ROOM + answer.room);
  let at = HEAD.put(view, out.length, event.at);
  at = putNumber(view, at, event.exchange);
  at = putPiece(view, at, answer);
  at = putMilliseconds(view, at, event.ms);
  out.length = putPiece(view, at, END);
}

function writeEnded(out: LineBuffer, event: ExchangeEnded): void {
  const outcome = outcomeOf(event);
  const view = out.reserve(LINE_ROOM + outcome.room);
  let at = ENDED.put(view, out.length, event.at);
  at = putNumber(view, at, event.exchange);
  at = putPiece(view, at, outcome);
  at = putNumber(view, at, event.bytesUp);
  at = putPiece(view, at, BYTES_DOWN);
  at = putNumber(view, at, event.bytesDown);
  at = putPiece(view, at, MS);
  at = putMilliseconds(view, at, event.ms);
  out.length = putPiece(view, at, END);
}

/**
 * The reason inside a JSON string.
 *
 * @param place how many words of it were written
 * @returns the same, after these parts
 */
function writeReason(out: LineBuffer, parts: readonly Phrase[], place: number): number {
  let next = place;
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i]!;
    if (typeof part === 'object') next = writeReason(out, part, next);
    else if (typeof part === 'number')
      out.length = putShortNumber(out.reserve(NUMBER_ROOM), out.length, part);
    else {
      const words = wordsOf(part, lastWords[next]);
      lastWords[next++] = words;
      out.length = putPiece(out.reserve(words.room), out.length, words);
    }
  }
  return next;
}

/** Words of the reason that was written last: reasons are mostly put in the same words. */
const lastWords: Words[] = [];

/** The end of a decision's line. */
function writeSkipped(out: LineBuffer, skipped: readonly Skip[]): void {
  const view = out.reserve(LINE_ROOM);
  if (skipped.length === 0) {
    out.length = putPiece(view, out.length, NONE_SKIPPED);
    return;
  }
  out.length = putPiece(view, out.length, SKIPPED);
  out.raw(`${JSON.stringify(skipped)}}\n`);
}
