/**
 * An event as one line of JSON, for the event log.
 * Written by hand per type, as bytes: several events fall on every call, and `JSON.stringify` of a dozen keys each
 * time, or joining strings, would be most of what an event log costs. One call is mostly like the one before, so
 * what lies between two numbers is kept as bytes from one line to the next.
 */
import type {
  ExchangeDecided,
  ExchangeEnded,
  ExchangeHead,
  FaultApplied,
  ProxyEvent,
} from '../core/events.ts';
import { LineBuffer, type Piece, pieceOf } from './line-buffer.ts';

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
      begin(out, at);
      out.raw(`,"type":"${type}",${JSON.stringify(rest).slice(1)}\n`);
    }
  }
}

/** The line that {@link writeEvent} writes, as text. */
export function encodeEvent(event: ProxyEvent): string {
  line.clear();
  writeEvent(line, event);
  return line.bytes.toString();
}

const line = new LineBuffer(4096);

const DECIDED = pieceOf(',"type":"exchange.decided","exchange":');
const APPLIED = pieceOf(',"type":"fault.applied","exchange":');
const HEAD = pieceOf(',"type":"exchange.head","exchange":');
const ENDED = pieceOf(',"type":"exchange.ended","exchange":');
const CONNECTION = pieceOf(',"connection":');
const MODEL = pieceOf(',"model":');
const STREAMS = pieceOf(',"stream":true');
const STREAMS_NOT = pieceOf(',"stream":false');
const ATTEMPT = pieceOf(',"attempt":');
const ORDINAL = pieceOf(',"ordinal":');
const SKIPPED = pieceOf(',"skipped":');
const NONE_SKIPPED = pieceOf(',"skipped":[]}\n');
const BYTES_DOWN = pieceOf(',"bytesDown":');
const MS = pieceOf(',"ms":');
const END = pieceOf('}\n');

function writeDecided(out: LineBuffer, event: ExchangeDecided): void {
  // All that is worked out comes before the first byte: should it fail, no half line is left behind.
  const { model, stream, attempt, why, skipped } = event;
  const call = callOf(event);
  const whose = whoseOf(event);
  begin(out, event.at);
  out.piece(DECIDED);
  out.number(event.exchange);
  out.piece(CONNECTION);
  out.number(event.connection);
  out.piece(call);
  if (model !== undefined) {
    out.piece(MODEL);
    out.text(model);
  }
  if (stream !== undefined) out.piece(stream ? STREAMS : STREAMS_NOT);
  out.piece(ATTEMPT);
  out.number(attempt);
  out.piece(whose);
  out.number(event.nth);
  out.piece(ORDINAL);
  out.number(event.ordinal);
  out.piece(faultsOf(event.faults));
  out.text(why);
  if (skipped.length === 0) {
    out.piece(NONE_SKIPPED);
    return;
  }
  out.piece(SKIPPED);
  out.raw(JSON.stringify(skipped));
  out.piece(END);
}

function writeApplied(out: LineBuffer, event: FaultApplied): void {
  begin(out, event.at);
  out.piece(APPLIED);
  out.number(event.exchange);
  out.piece(CONNECTION);
  out.number(event.connection);
  out.piece(effectOf(event));
}

function writeHead(out: LineBuffer, event: ExchangeHead): void {
  begin(out, event.at);
  out.piece(HEAD);
  out.number(event.exchange);
  out.piece(answerOf(event));
  out.milliseconds(event.ms);
  out.piece(END);
}

function writeEnded(out: LineBuffer, event: ExchangeEnded): void {
  begin(out, event.at);
  out.piece(ENDED);
  out.number(event.exchange);
  out.piece(outcomeOf(event));
  out.number(event.bytesUp);
  out.piece(BYTES_DOWN);
  out.number(event.bytesDown);
  out.piece(MS);
  out.milliseconds(event.ms);
  out.piece(END);
}

/** `{"v":1,"at":…`. Moments of one second share all but three digits, and many events fall on one moment. */
function begin(out: LineBuffer, at: number): void {
  if (at !== lastAt) {
    if (!Number.isSafeInteger(at) || at < 1000) {
      out.raw(`{"v":1,"at":${at}`);
      return;
    }
    const second = Math.floor(at / 1000);
    if (second !== lastSecond) lastBegin = pieceOf(`{"v":1,"at":${second}`);
    lastSecond = second;
    lastAt = at;
    lastMs = at - second * 1000;
  }
  out.piece(lastBegin);
  out.threeDigits(lastMs);
}

let lastAt = Number.NaN;
let lastSecond = -1;
let lastMs = 0;
let lastBegin: Piece;

/** What is called. */
function callOf({ via, tls, method, host, port, path }: ExchangeDecided): Piece {
  const last = lastCall;
  if (
    last.path === path &&
    last.method === method &&
    last.host === host &&
    last.port === port &&
    last.via === via &&
    last.tls === tls
  )
    return last.piece;
  const call = { via, tls, method, host, port, path };
  const piece = pieceOf(textOf(call));
  lastCall = { ...call, piece };
  return piece;
}

/** Whose call it is, and which rule acts; to the number of its match. */
function whoseOf({ client, rule }: ExchangeDecided): Piece {
  const last = lastWhose;
  if (last.client === client && last.rule === rule) return last.piece;
  const piece = pieceOf(`${textOf({ client, rule })},"nth":`);
  lastWhose = { client, rule, piece };
  return piece;
}

/** To the reason in words. */
function faultsOf(faults: readonly string[]): Piece {
  if (faults === lastFaults.faults) return lastFaults.piece;
  const piece = pieceOf(`${textOf({ faults })},"why":`);
  lastFaults = { faults, piece };
  return piece;
}

/** To the end of the line. */
function effectOf({ rule, fault, effect }: FaultApplied): Piece {
  const last = lastEffect;
  if (last.effect === effect && last.rule === rule && last.fault === fault) return last.piece;
  const piece = pieceOf(`${textOf({ rule, fault, effect })}}\n`);
  lastEffect = { rule, fault, effect, piece };
  return piece;
}

/** To the milliseconds. */
function answerOf({ status, source }: ExchangeHead): Piece {
  const last = lastAnswer;
  if (last.status === status && last.source === source) return last.piece;
  const piece = pieceOf(`${textOf({ status, source })},"ms":`);
  lastAnswer = { status, source, piece };
  return piece;
}

/** To the number of bytes that went up. */
function outcomeOf({ how, cause, status, source }: ExchangeEnded): Piece {
  const last = lastOutcome;
  if (last.status === status && last.how === how && last.cause === cause && last.source === source)
    return last.piece;
  const piece = pieceOf(`${textOf({ how, cause, status, source })},"bytesUp":`);
  lastOutcome = { how, cause, status, source, piece };
  return piece;
}

/** Members of a JSON object, each with a comma before it. */
function textOf(object: object): string {
  return `,${JSON.stringify(object).slice(1, -1)}`;
}

/** What was written last: members, and the bytes that they became. */
type Last<Event, Member extends keyof Event> = Partial<Pick<Event, Member>> & { readonly piece: Piece };

const NOTHING = { piece: pieceOf('') };
let lastCall: Last<ExchangeDecided, 'via' | 'tls' | 'method' | 'host' | 'port' | 'path'> = NOTHING;
let lastWhose: Last<ExchangeDecided, 'client' | 'rule'> = NOTHING;
let lastFaults: Last<ExchangeDecided, 'faults'> = NOTHING;
let lastEffect: Last<FaultApplied, 'rule' | 'fault' | 'effect'> = NOTHING;
let lastAnswer: Last<ExchangeHead, 'status' | 'source'> = NOTHING;
let lastOutcome: Last<ExchangeEnded, 'how' | 'cause' | 'status' | 'source'> = NOTHING;
