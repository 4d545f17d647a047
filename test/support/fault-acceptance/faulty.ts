/** A fault proxy with our plugin, one fault on every call, and a streaming API: where the tests of faults in tunnels start. */
import type tls from 'node:tls';
import type { ProxyEvent } from '../../../src/core/events.ts';
import { compileRules } from '../../../src/core/rules/compile.ts';
import type { PluginOptions } from '../../../src/grpc/plugin.ts';
import { EventBus } from '../../../src/observe/bus.ts';
import { streamFixture } from '../catalogue-play.ts';
import { type CallResult, call } from '../http-call.ts';
import { type AcceptanceBench, acceptanceBench, type StartCaller } from './bench.ts';
import { openSecure } from './node-client.ts';
import { type StreamApi, type StreamApiOptions, startStreamApi } from './stream-api.ts';

export interface FaultyBench {
  readonly bench: AcceptanceBench;
  readonly upstream: StreamApi;
  readonly events: readonly ProxyEvent[];
  /** Texts of all events of one type: the effect of what was applied, the reason of what was skipped. */
  told(type: 'fault.applied' | 'fault.skipped'): readonly string[];
  /** Waits until a call, or a connection without one, was decided and told whole. */
  ended(): Promise<void>;
}

/** A published kind of stream: a message with text and a tool call. */
export const STREAM = streamFixture('tool-use');

/** The stream event by event, as the API sends it. */
export function eventsOf(stream: string): readonly string[] {
  return stream.split(/(?<=\n\n)/);
}

/** @param fault as a rules file has it; it is done to every call */
export async function faultyBench(
  start: StartCaller,
  fault: object,
  options: Partial<StreamApiOptions> & { plugin?: Partial<PluginOptions> } = {},
): Promise<FaultyBench> {
  const { plugin, ...api } = options;
  const upstream = await startStreamApi({ pieces: eventsOf(STREAM), ...api });
  const bus = new EventBus();
  const events: ProxyEvent[] = [];
  bus.subscribe((event) =>
    events.push('toJSON' in event ? (event as { toJSON(): ProxyEvent }).toJSON() : event),
  );
  const bench = await acceptanceBench(start, {
    apiPort: upstream.port,
    upstreamCa: upstream.ca,
    plugin: {
      bus,
      rules: compileRules([{ name: 'all', fault }], { seed: '1', messages: 'real' }),
      ...plugin,
    },
  });
  return {
    bench,
    upstream,
    events,
    told: (type) =>
      events.flatMap((event) =>
        event.type !== type ? [] : [event.type === 'fault.applied' ? event.effect : event.reason],
      ),
    ended: () =>
      new Promise((resolve) => {
        const over = (event: ProxyEvent): boolean => event.type === 'exchange.ended';
        if (events.some(over)) return resolve();
        const leave = bus.subscribe((event) => {
          if (!over(event)) return;
          leave();
          resolve();
        });
      }),
  };
}

/** What came of one call, and when its bytes came. */
export interface TimedCall extends CallResult {
  /** Milliseconds since the request was written, and how much had come by then, for each piece that came. */
  readonly arrivals: readonly { readonly ms: number; readonly text: string }[];
  readonly tookMs: number;
}

/** One POST on a connection of its own, read to its end or to the connection's. */
export async function timedCall(
  bench: AcceptanceBench,
  options: { tls?: tls.ConnectionOptions; headers?: string } = {},
): Promise<TimedCall> {
  const socket = await openSecure(bench, options.tls);
  const began = performance.now();
  const arrivals: { ms: number; text: string }[] = [];
  socket.on('data', (chunk: Buffer) =>
    arrivals.push({ ms: performance.now() - began, text: chunk.toString('latin1') }),
  );
  const client = { socket, raw: socket, targetPrefix: '', host: 'api.anthropic.com' };
  const result = await call(client, '/v1/messages', BODY, options.headers);
  return { ...result, arrivals, tookMs: performance.now() - began };
}

const BODY = '{"model":"claude-opus-5-5","stream":true,"max_tokens":64,"messages":[]}';

/** When the first piece with this text came, in milliseconds since the request. */
export function cameAt({ arrivals }: TimedCall, text: string): number {
  const found = arrivals.find((arrival) => arrival.text.includes(text));
  if (!found) throw new Error(`${text} never came`);
  return found.ms;
}
