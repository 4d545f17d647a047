/** One call as one line for people: what became of it first, then what it was, then why. */
import type { Colors } from './colors.ts';
import { durationText, sizeText } from './duration-text.ts';
import type { FinishedExchange, Verdict } from './finished-exchange.ts';
import { printable } from './printable.ts';

const WORDS: Readonly<Record<Verdict, string>> = {
  injected: 'INJECTED',
  passed: 'passed',
  natural: 'FAILED',
  abandoned: 'left',
  stopped: 'stopped',
};
const WORD_WIDTH = 8;
/** `59.9 s`, `999 ms`; longer ones are rare and may stand out. */
const MS_WIDTH = 6;
const CALL_WIDTH = 24;

/** @example `12:03:04  INJECTED  429    3 ms  POST /v1/messages         default/http-error: respond 429` */
export function callLine(call: FinishedExchange, colors: Colors): string {
  const status = call.status === 0 ? '---' : String(call.status);
  return [
    colors.dim(timeText(call.at)),
    paint(call.verdict, colors)(WORDS[call.verdict].padEnd(WORD_WIDTH)),
    status,
    colors.dim(durationText(call.ms).padStart(MS_WIDTH)),
    callText(call).padEnd(CALL_WIDTH),
    reasonText(call),
  ]
    .join('  ')
    .trimEnd();
}

/** More about the call, for `--verbose`: indented lines. */
export function callDetails(call: FinishedExchange, colors: Colors): string[] {
  const { decided } = call;
  const lines: string[] = [];
  if (decided) {
    const from = `call ${call.exchange} on connection ${decided.connection}, via ${decided.via}${decided.tls ? ' with TLS' : ''} to ${printable(decided.host)}:${decided.port}, key ${decided.client}`;
    lines.push(printable(decided.why), from);
  } else lines.push(`call ${call.exchange}`);
  for (const { rule, fault, effect } of call.applied)
    lines.push(`done by ${rule}/${fault}: ${printable(effect)}`);
  for (const { rule, fault, reason } of call.skipped)
    lines.push(`not done by ${rule}/${fault}: ${printable(reason)}`);
  lines.push(`${sizeText(call.bytesUp)} up, ${sizeText(call.bytesDown)} down, ended: ${call.how}`);
  return lines.map((line) => `          ${colors.dim(line)}`);
}

/** Local time of day. */
export function timeText(at: number): string {
  const date = new Date(at);
  return [date.getHours(), date.getMinutes(), date.getSeconds()]
    .map((part) => String(part).padStart(2, '0'))
    .join(':');
}

function paint(verdict: Verdict, colors: Colors): (text: string) => string {
  if (verdict === 'injected') return (text) => colors.bold(colors.yellow(text));
  if (verdict === 'passed') return colors.green;
  if (verdict === 'natural') return (text) => colors.bold(colors.red(text));
  return colors.dim;
}

function callText({ decided }: FinishedExchange): string {
  if (decided === undefined) return '(no request)';
  const model = decided.model === undefined ? '' : ` ${printable(decided.model)}`;
  const attempt = (decided.attempt ?? 0) > 0 ? ` (retry ${decided.attempt})` : '';
  return `${printable(decided.method)} ${printable(decided.path)}${model}${attempt}`;
}

function reasonText(call: FinishedExchange): string {
  const parts: string[] = [];
  const done = new Map<string, string[]>();
  for (const { rule, fault, effect } of call.applied) {
    const name = `${rule}/${fault}`;
    done.set(name, [...(done.get(name) ?? []), printable(effect)]);
  }
  for (const [name, effects] of done) parts.push(`${name}: ${effects.join(', ')}`);
  if (call.verdict === 'natural') parts.push(`not injected: ${naturalText(call)}`);
  if (call.verdict === 'abandoned') parts.push('the client went away');
  if (call.verdict === 'stopped')
    parts.push(call.error ? printable(call.error.message) : 'the proxy was stopped');
  if (call.skipped.length > 0)
    parts.push(`skipped: ${call.skipped.map(({ reason }) => printable(reason)).join('; ')}`);
  return parts.join('; ');
}

function naturalText(call: FinishedExchange): string {
  if (call.error) return printable(call.error.message);
  if (call.how === 'upstream-abort') return 'the upstream broke off its answer';
  if (call.how === 'bad-request') return 'what came was not HTTP that is accepted here';
  return `the upstream answered ${call.status}`;
}
