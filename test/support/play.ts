/** Plays a stream to a filter, as the engine would, and writes down what the filter says. */
import { readFileSync } from 'node:fs';
import type { StreamFilter, StreamOp } from '../../src/core/effect.ts';
import { SseDecoder } from '../../src/core/sse/decode.ts';
import type { SseEvent } from '../../src/core/sse/event.ts';

/** Events of a whole stream. */
export function eventsOf(stream: string | Uint8Array): SseEvent[] {
  return [...new SseDecoder().push(Buffer.from(stream))];
}

/** A fixture of `test/fixtures/sse`, by name. */
export function fixture(name: string): Buffer {
  return readFileSync(new URL(`../fixtures/sse/${name}.sse`, import.meta.url));
}

/** What a client would see of an answer that went through a filter, without its delays. */
export interface Played {
  readonly ops: readonly StreamOp[];
  /** Bytes that went out, up to the end of the answer. */
  readonly bytes: Buffer;
  /** Names of the events that a client reads from these bytes. */
  readonly names: readonly (string | undefined)[];
  readonly notes: readonly string[];
  /** Sum of the waits, in milliseconds. */
  readonly waited: number;
  /** How the filter ended the answer; undefined when it ended by itself. */
  readonly end: string | undefined;
  readonly skipped: string | undefined;
}

export interface PlayOptions {
  /** Milliseconds between two events; the first comes at once. Default 0. */
  readonly every?: number;
  /** Deltas that the filter has no need to see are not shown to it. */
  readonly sparing?: boolean;
  /** Bytes of an unfinished frame at the end. */
  readonly rest?: Uint8Array;
}

/** Plays events to a filter and stops where the filter ends the answer. */
export function play(filter: StreamFilter, events: readonly SseEvent[], options: PlayOptions = {}): Played {
  const ops: StreamOp[] = [];
  let now = 0;
  /** Takes operations up to an end, which is the last that is carried out. */
  const take = (given: readonly StreamOp[]): boolean => {
    for (const op of unfolded(given)) {
      ops.push(op);
      if (op.op === 'wait') now += op.ms;
      if (op.op === 'end') return false;
    }
    return true;
  };
  /** How many events from the `i`th on are passed over. Events that come one by one are passed over one by one. */
  const passOver = (i: number): number => {
    if (options.sparing !== true || !filter.spare || !filter.passedOver) return 0;
    const other = events.findIndex((event, at) => at >= i && event.name !== 'content_block_delta');
    const deltas = events.slice(i, options.every ? i + 1 : other < 0 ? undefined : other);
    if (deltas[0]?.name !== 'content_block_delta') return 0;
    const bytes = deltas.reduce((sum, { raw }) => sum + raw.length, 0);
    const passed = deltas.slice(0, Math.max(0, filter.spare(now, bytes)));
    filter.passedOver(
      passed.length,
      passed.reduce((sum, { raw }) => sum + raw.length, 0),
    );
    for (const event of passed) ops.push({ op: 'emit', event });
    return passed.length;
  };
  const run = (): void => {
    let passed = 0;
    for (const [i, event] of events.entries()) {
      const at = Math.max(now, i * (options.every ?? 0));
      const due = filter.due?.();
      if (due !== undefined && due <= at && filter.onTime) {
        now = Math.max(now, due);
        if (!take(filter.onTime(now))) return;
      }
      now = Math.max(now, at);
      if (i < passed) continue;
      passed = i + passOver(i);
      if (i < passed) continue;
      if (!take(filter.onEvent(event, now))) return;
    }
    take(filter.onEnd(options.rest ?? new Uint8Array(), now));
  };
  run();
  const bytes = bytesOf(ops);
  const end = ops.find((op) => op.op === 'end');
  return {
    ops,
    bytes,
    names: eventsOf(bytes).map((event) => event.name),
    notes: ops.flatMap((op) => (op.op === 'applied' ? [op.note] : [])),
    waited: ops.reduce((sum, op) => sum + (op.op === 'wait' ? op.ms : 0), 0),
    end: end?.op === 'end' ? end.how : undefined,
    skipped: filter.skipped(),
  };
}

/** The same with acts where they take place: in front of their event, behind it, or between two parts of it. */
export function unfolded(given: readonly StreamOp[]): readonly StreamOp[] {
  return given.flatMap((op): readonly StreamOp[] => {
    if (op.op !== 'emit' || op.acts === undefined) return [op];
    const { raw } = op.event;
    const [act] = op.acts;
    const ended = act!.ops.some((one) => one.op === 'end');
    const whole: StreamOp = { op: 'emit', event: op.event };
    if (act!.at >= raw.length) return [whole, ...act!.ops];
    if (act!.at <= 0) return ended ? act!.ops : [...act!.ops, whole];
    const parts = [raw.subarray(0, act!.at), raw.subarray(act!.at)].map(
      (bytes): StreamOp => ({ op: 'bytes', bytes }),
    );
    return [parts[0]!, ...act!.ops, ...(ended ? [] : [parts[1]!])];
  });
}

function bytesOf(ops: readonly StreamOp[]): Buffer {
  return Buffer.concat(
    ops.flatMap((op) => (op.op === 'emit' ? [op.event.raw] : op.op === 'bytes' ? [op.bytes] : [])),
  );
}
