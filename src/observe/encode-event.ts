/**
 * An event as one line of JSON, for the event log.
 * Written by hand per type: several events fall on every call, and `JSON.stringify` of a dozen keys each time
 * would be most of what an event log costs.
 */
import type { ExchangeDecided, ProxyEvent } from '../core/events.ts';

/** The event as JSON without a line end; `JSON.parse` gives the same event back. */
export function encodeEvent(event: ProxyEvent): string {
  switch (event.type) {
    case 'exchange.decided':
      return decided(event);
    case 'fault.applied':
      return `${head(event)},"exchange":${event.exchange},"connection":${event.connection},"rule":${text(event.rule)},"fault":${text(event.fault)},"effect":${text(event.effect)}}`;
    case 'exchange.head':
      return `${head(event)},"exchange":${event.exchange},"status":${event.status},"source":"${event.source}","ms":${number(event.ms)}}`;
    case 'exchange.ended':
      return `${head(event)},"exchange":${event.exchange},"how":"${event.how}","cause":${event.cause === null ? 'null' : `"${event.cause}"`},"status":${event.status},"source":"${event.source}","bytesUp":${event.bytesUp},"bytesDown":${event.bytesDown},"ms":${number(event.ms)}}`;
    default: {
      // Rare. In the same order, since a file is known for an event log by how its first line begins.
      const { v: _v, at: _at, type: _type, ...rest } = event;
      return `${head(event)},${JSON.stringify(rest).slice(1)}`;
    }
  }
}

function decided(event: ExchangeDecided): string {
  const model = event.model === undefined ? '' : `,"model":${text(event.model)}`;
  const stream = event.stream === undefined ? '' : `,"stream":${event.stream}`;
  const faults = event.faults.length === 0 ? '[]' : JSON.stringify(event.faults);
  const skipped = event.skipped.length === 0 ? '[]' : JSON.stringify(event.skipped);
  return `${head(event)},"exchange":${event.exchange},"connection":${event.connection}${callOf(event)}${model}${stream},"attempt":${event.attempt}${whoseOf(event)},"nth":${event.nth},"ordinal":${event.ordinal},"faults":${faults},"why":${text(event.why)},"skipped":${skipped}}`;
}

/** What is called. One call after the other mostly calls the same: then the text of the last one serves again. */
function callOf({ via, tls, method, host, port, path }: ExchangeDecided): string {
  const last = lastCall;
  if (
    last.path === path &&
    last.method === method &&
    last.host === host &&
    last.port === port &&
    last.via === via &&
    last.tls === tls
  )
    return last.text;
  const written = `,"via":"${via}","tls":${tls},"method":${text(method)},"host":${text(host)},"port":${port},"path":${text(path)}`;
  lastCall = { via, tls, method, host, port, path, text: written };
  return written;
}

/** Whose call it is, and which rule acts; kept like {@link callOf}. */
function whoseOf({ client, rule }: ExchangeDecided): string {
  const last = lastWhose;
  if (last.client === client && last.rule === rule) return last.text;
  const written = `,"client":${text(client)},"rule":${rule === null ? 'null' : text(rule)}`;
  lastWhose = { client, rule, text: written };
  return written;
}

interface Call extends Pick<ExchangeDecided, 'via' | 'tls' | 'method' | 'host' | 'port' | 'path'> {
  readonly text: string;
}
let lastCall: Partial<Call> & Pick<Call, 'text'> = { text: '' };
let lastWhose: Partial<Pick<ExchangeDecided, 'client' | 'rule'>> & Pick<Call, 'text'> = { text: '' };

function head(event: ProxyEvent): string {
  return `{"v":1,"at":${moment(event.at)},"type":"${event.type}"`;
}

/**
 * Numbers beyond 31 bits and fractions take V8 some 300 ns each to print, which is half of a line's cost:
 * a moment is its seconds (kept from the last event) and three digits, a duration whole milliseconds and three digits.
 */
function moment(at: number): string {
  if (!Number.isSafeInteger(at) || at < 1000) return String(at);
  const second = Math.floor(at / 1000);
  if (second !== lastSecond) {
    lastSecond = second;
    lastSecondText = String(second);
  }
  return lastSecondText + THREE_DIGITS[at - second * 1000]!;
}

/** Milliseconds to the microsecond: more digits are noise. */
function number(ms: number): string {
  if (!(ms >= 0 && ms < 2_000_000)) return String(Math.round(ms * 1000) / 1000);
  const micros = Math.round(ms * 1000);
  const whole = Math.floor(micros / 1000);
  const rest = micros - whole * 1000;
  return rest === 0 ? String(whole) : `${whole}.${THREE_DIGITS[rest]!}`;
}

const THREE_DIGITS = Array.from({ length: 1000 }, (_, i) => String(i).padStart(3, '0'));
let lastSecond = -1;
let lastSecondText = '';

function text(value: string): string {
  return PLAIN.test(value) ? `"${value}"` : JSON.stringify(value);
}

/** Needs no escape in JSON. */
const PLAIN = /^[ !#-[\]-~]*$/;
