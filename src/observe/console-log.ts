/** What is shown while the proxy runs: one line per call, notices once, hints once. An observer; it acts on nothing. */

import type { ConnectionError, ProxyEvent } from '../core/events.ts';
import { callJson } from './call-json.ts';
import { callDetails, callLine, timeText } from './call-line.ts';
import type { Colors } from './colors.ts';
import { durationText, sizeText } from './duration-text.ts';
import type { FinishedExchange } from './finished-exchange.ts';
import { Hints } from './hints.ts';
import { LineWriter, type TextOutput } from './line-writer.ts';
import { printable, printableJson } from './printable.ts';

export interface ConsoleLogOptions {
  readonly format: 'pretty' | 'json';
  /** Calls are not shown; notices and hints are. */
  readonly quiet: boolean;
  /** More about each call, and connections without a call. */
  readonly verbose: boolean;
  readonly colors: Colors;
  /** Calls. */
  readonly out: TextOutput;
  /** Notices and hints in the pretty format; with JSON everything goes to `out`. */
  readonly warnings: TextOutput;
}

/** Most different notices that are remembered as said. */
const MOST_NOTICES = 1000;

export class ConsoleLog {
  readonly #options: ConsoleLogOptions;
  readonly #out: LineWriter;
  readonly #warnings: LineWriter;
  readonly #said = new Set<string>();
  readonly #hints = new Hints();

  constructor(options: ConsoleLogOptions) {
    this.#options = options;
    this.#out = new LineWriter(options.out);
    this.#warnings = options.format === 'json' ? this.#out : new LineWriter(options.warnings);
  }

  /** @param finished the exchange that `event` ended, if it did */
  observe(event: ProxyEvent, finished: FinishedExchange | undefined): void {
    const { quiet, verbose } = this.#options;
    switch (event.type) {
      case 'exchange.ended':
        if (finished !== undefined) this.#call(finished);
        break;
      case 'notice':
        this.notice(event.code, event.message, event.at);
        break;
      case 'exchange.error': {
        const hint = this.#hints.observe(event);
        if (hint !== undefined) this.notice('hint', hint, event.at);
        break;
      }
      case 'connection.error':
      case 'tunnel.ended':
        if (verbose) this.#other(event);
        break;
      case 'fault.applied':
      case 'fault.skipped':
        // Those of a call are in its line.
        if (event.exchange === 0 && !quiet) this.#connection(event);
        break;
      case 'exchange.decided':
      case 'exchange.head':
        // In the line of the call, when it has ended.
        break;
      case 'rules.armed':
      case 'connection.decided':
        // The start says what is armed, a reload does, and what comes of a decision is told.
        break;
      default:
        event satisfies never;
    }
  }

  /** Tells something once. */
  notice(code: string, message: string, at: number): void {
    const key = `${code} ${message}`;
    if (this.#said.has(key)) return;
    if (this.#said.size < MOST_NOTICES) this.#said.add(key);
    if (this.#options.format === 'json') this.#json({ v: 1, type: 'notice', at, code, message });
    else
      this.#warnings.line(
        `${this.#options.colors.cyan(code === 'hint' ? 'hint:' : 'note:')} ${printable(message)}`,
      );
  }

  flush(): void {
    this.#out.flush();
    this.#warnings.flush();
  }

  #call(call: FinishedExchange): void {
    const { quiet, format, verbose, colors } = this.#options;
    if (quiet) return;
    if (format === 'json') {
      this.#json(callJson(call));
      return;
    }
    this.#out.line(callLine(call, colors));
    if (verbose) for (const line of callDetails(call, colors)) this.#out.line(line);
  }

  /** A fault on a connection that carried no call just then. */
  #connection(event: Extract<ProxyEvent, { type: 'fault.applied' | 'fault.skipped' }>): void {
    if (this.#options.format === 'json') {
      this.#json(event);
      return;
    }
    const { colors } = this.#options;
    const word =
      event.type === 'fault.applied' ? colors.bold(colors.yellow('INJECTED')) : colors.dim('skipped ');
    const what = event.type === 'fault.applied' ? event.effect : event.reason;
    this.#out.line(
      `${colors.dim(timeText(event.at))}  ${word}  ---          ${`connection ${event.connection}`.padEnd(24)}  ${event.rule}/${event.fault}: ${printable(what)}`,
    );
  }

  #other(event: ConnectionError | Extract<ProxyEvent, { type: 'tunnel.ended' }>): void {
    if (this.#options.format === 'json') {
      this.#json(event);
      return;
    }
    const { colors } = this.#options;
    const text =
      event.type === 'tunnel.ended'
        ? `tunnel${placeText(event)}: ${sizeText(event.bytesUp)} up, ${sizeText(event.bytesDown)} down, ${durationText(event.ms)}`
        : `connection ${event.connection}${event.host ? ` to ${printable(event.host)}` : ''}: ${printable(event.message)}`;
    this.#out.line(colors.dim(`${timeText(event.at)}  ${text}`));
  }

  #json(value: object): void {
    this.#out.line(printableJson(value));
  }
}

function placeText({ host, port }: { readonly host?: string; readonly port?: number }): string {
  if (host === undefined) return '';
  return ` to ${printable(host)}${port === undefined ? '' : `:${port}`}`;
}
