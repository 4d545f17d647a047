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
  const rule = event.rule === null ? 'null' : text(event.rule);
  const faults = event.faults.length === 0 ? '[]' : JSON.stringify(event.faults);
  const skipped = event.skipped.length === 0 ? '[]' : JSON.stringify(event.skipped);
  return `${head(event)},"exchange":${event.exchange},"connection":${event.connection},"via":"${event.via}","tls":${event.tls},"method":${text(event.method)},"host":${text(event.host)},"port":${event.port},"path":${text(event.path)}${model}${stream},"attempt":${event.attempt},"client":${text(event.client)},"rule":${rule},"nth":${event.nth},"ordinal":${event.ordinal},"faults":${faults},"why":${text(event.why)},"skipped":${skipped}}`;
}

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
