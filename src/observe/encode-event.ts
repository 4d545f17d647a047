/**
 * An event as one line of JSON, for the event log.
 * Written by hand per type, as bytes: several events fall on every call, and `JSON.stringify` of a dozen keys each
 * time, or joining strings, would be most of what an event log costs. Calls are mostly of few kinds, so what is the
 * same from call to call comes first in a line, is kept as bytes and copied at once; the numbers follow.
 */
import type {
  ExchangeDecided,
  ExchangeEnded,
  ExchangeHead,
  FaultApplied,
  ProxyEvent,
} from '../core/events.ts';
import { type Phrase, Words } from '../core/phrase.ts';
import {
  beginOfApplied,
  beginOfDecided,
  beginOfEnded,
  beginOfHead,
  pieceOfText,
  pieceOfWords,
  putBegin,
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
import { printableJson } from './printable.ts';

/** Writes the event as JSON and a line end, or nothing if it throws; `JSON.parse` gives the same event back. */
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
    case 'fault.skipped':
    case 'exchange.error':
    case 'rules.armed':
    case 'connection.decided':
    case 'connection.error':
    case 'tunnel.ended':
    case 'notice':
      writeRare(out, event);
      break;
    default:
      event satisfies never;
  }
}

/** In the same order as others, since a file is known for an event log by how its first line begins. */
function writeRare(out: LineBuffer, { v: _v, at, type, ...rest }: ProxyEvent): void {
  out.raw(`{"v":1,"at":${at},"type":"${type}",${printableJson(rest).slice(1)}\n`);
}

/** The line that {@link writeEvent} writes, as text. */
export function encodeEvent(event: ProxyEvent): string {
  line.length = 0;
  writeEvent(line, event);
  return line.bytes.toString();
}

const line = new LineBuffer(4096);

const CONNECTION = pieceOf(',"connection":');
const NTH = pieceOf(',"nth":');
const ORDINAL = pieceOf(',"ordinal":');
const WHY = pieceOf(',"why":"');
const NONE_SKIPPED = pieceOf('","skipped":[]}\n');
const BYTES_UP = pieceOf(',"bytesUp":');
const BYTES_DOWN = pieceOf(',"bytesDown":');
const MS = pieceOf(',"ms":');
const END = pieceOf('}\n');

/** Room for all of a line but how it begins, and a reason. */
const LINE_ROOM = 512;

function writeDecided(out: LineBuffer, event: ExchangeDecided): void {
  // All that is worked out comes before the first byte: should it fail, no half line is left behind.
  const why = event.phrase ?? event.why;
  const rest =
    event.skipped.length === 0 ? NONE_SKIPPED : pieceOf(`","skipped":${printableJson(event.skipped)}}\n`);
  const begin = beginOfDecided(event);
  const view = out.reserve(out.length, begin.room + LINE_ROOM);
  let at = putBegin(out, view, out.length, begin, event.at);
  at = putNumber(view, at, event.exchange);
  at = putPiece(view, at, CONNECTION);
  at = putNumber(view, at, event.connection);
  at = putPiece(view, at, NTH);
  at = putNumber(view, at, event.nth);
  at = putPiece(view, at, ORDINAL);
  at = putNumber(view, at, event.ordinal);
  at = putPiece(view, at, WHY);
  at = putPhrase(out, at, isParts(why) ? why : [why]);
  out.length = putPiece(out.reserve(at, rest.room), at, rest);
}

function writeApplied(out: LineBuffer, event: FaultApplied): void {
  const begin = beginOfApplied(event);
  const view = out.reserve(out.length, begin.room + LINE_ROOM);
  let at = putBegin(out, view, out.length, begin, event.at);
  at = putNumber(view, at, event.exchange);
  at = putPiece(view, at, CONNECTION);
  at = putNumber(view, at, event.connection);
  out.length = putPiece(view, at, END);
}

function writeHead(out: LineBuffer, event: ExchangeHead): void {
  const begin = beginOfHead(event);
  const view = out.reserve(out.length, begin.room + LINE_ROOM);
  let at = putBegin(out, view, out.length, begin, event.at);
  at = putNumber(view, at, event.exchange);
  at = putPiece(view, at, MS);
  at = putMilliseconds(view, at, event.ms);
  out.length = putPiece(view, at, END);
}

function writeEnded(out: LineBuffer, event: ExchangeEnded): void {
  const begin = beginOfEnded(event);
  const view = out.reserve(out.length, begin.room + LINE_ROOM);
  let at = putBegin(out, view, out.length, begin, event.at);
  at = putNumber(view, at, event.exchange);
  at = putPiece(view, at, BYTES_UP);
  at = putNumber(view, at, event.bytesUp);
  at = putPiece(view, at, BYTES_DOWN);
  at = putNumber(view, at, event.bytesDown);
  at = putPiece(view, at, MS);
  at = putMilliseconds(view, at, event.ms);
  out.length = putPiece(view, at, END);
}

/** The parts inside a JSON string. */
function putPhrase(out: LineBuffer, start: number, parts: readonly Phrase[]): number {
  let at = start;
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i]!;
    if (typeof part === 'number') at = putShortNumber(out.reserve(at, NUMBER_ROOM), at, part);
    else if (isParts(part)) at = putPhrase(out, at, part);
    else {
      const piece = part instanceof Words ? pieceOfWords(part) : pieceOfText(part);
      at = putPiece(out.reserve(at, piece.room), at, piece);
    }
  }
  return at;
}

function isParts(phrase: Phrase): phrase is readonly Phrase[] {
  return Array.isArray(phrase);
}
