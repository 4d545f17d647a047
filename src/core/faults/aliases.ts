/**
 * Faults under the names and with the parameters that WireMock, Envoy and toxiproxy give them, where ours means the
 * same. The rules compiler reads them as what they stand for; catalogue and presets know nothing of them.
 */
import { z } from 'zod';

/** A fault written out in our own terms. */
export type OwnFault = { readonly kind: string } & Readonly<Record<string, unknown>>;

/** A fault of another tool. */
export interface FaultAlias<S extends z.ZodType = z.ZodType> {
  /** Its name there. Where one of our kinds has the same name, it is told by its parameters. */
  readonly name: string;
  readonly from: 'WireMock' | 'Envoy' | 'toxiproxy';
  /** Its parameters there; a strict object. */
  readonly params: S;
  readonly example: z.input<S>;
  /** Where ours differs in a detail, for the docs. */
  readonly note?: string;
  readonly fault: (params: z.output<S>) => OwnFault;
}

function alias<S extends z.ZodType>(definition: FaultAlias<S>): FaultAlias {
  return definition as unknown as FaultAlias;
}

const none = z.strictObject({});
const wholeMs = z.int({ error: 'is whole milliseconds, as toxiproxy has it' }).min(0);
const whole = (what: string, tool: string) => {
  const error = `${what}, 1 or more, as ${tool} has it`;
  return z.int({ error }).min(1, { error });
};
/** toxiproxy's direction of a toxic; downstream by default, as there. */
const stream = z
  .enum(['upstream', 'downstream'], { error: 'stream is upstream or downstream' })
  .default('downstream');
const DIRECTION = {
  upstream: { at: 'request', bytes: 'bytes_up', rate: 'up' },
  downstream: { at: 'head', bytes: 'bytes_down', rate: 'down' },
} as const;

/** Every alias, in the order of the docs. */
export const faultAliases: readonly FaultAlias[] = [
  alias({
    name: 'EMPTY_RESPONSE',
    from: 'WireMock',
    params: none,
    example: {},
    fault: () => ({ kind: 'disconnect', how: 'close', at: 'request' }),
  }),
  alias({
    name: 'CONNECTION_RESET_BY_PEER',
    from: 'WireMock',
    params: none,
    example: {},
    fault: () => ({ kind: 'disconnect', how: 'reset', at: 'request' }),
  }),
  alias({
    name: 'abort',
    from: 'Envoy',
    params: z.strictObject({
      http_status: z
        .int({ error: 'http_status is a whole number from 400 to 599' })
        .min(400, { error: 'http_status is a whole number from 400 to 599' })
        .max(599, { error: 'http_status is a whole number from 400 to 599' }),
    }),
    example: { http_status: 503 },
    note: "the body is the API's error of that status, not Envoy's `fault filter abort`",
    fault: ({ http_status }) => ({ kind: 'http-error', status: http_status }),
  }),
  alias({
    name: 'delay',
    from: 'Envoy',
    params: z.strictObject({ fixed_delay: z.string({ error: 'fixed_delay is a duration such as 5s' }) }),
    example: { fixed_delay: '5s' },
    fault: ({ fixed_delay }) => ({ kind: 'latency', delay: fixed_delay, at: 'request' }),
  }),
  alias({
    name: 'response_rate_limit',
    from: 'Envoy',
    params: z.strictObject({
      fixed_limit: z.strictObject(
        { limit_kbps: whole('limit_kbps is whole KiB per second', 'Envoy') },
        { error: 'fixed_limit is { limit_kbps: 64 }' },
      ),
    }),
    example: { fixed_limit: { limit_kbps: 64 } },
    fault: ({ fixed_limit }) => ({ kind: 'bandwidth', down: `${fixed_limit.limit_kbps}KiB` }),
  }),
  alias({
    name: 'latency',
    from: 'toxiproxy',
    params: z.strictObject({ latency: wholeMs, jitter: wholeMs.default(0), stream }),
    example: { latency: 1000, jitter: 100 },
    note: 'once for each call, not for each packet',
    fault: ({ latency, jitter, stream: to }) => ({
      kind: 'latency',
      delay:
        jitter === 0
          ? `${latency}ms`
          : {
              distribution: 'uniform',
              min: `${Math.max(0, latency - jitter)}ms`,
              max: `${latency + jitter}ms`,
            },
      at: DIRECTION[to].at,
    }),
  }),
  alias({
    name: 'bandwidth',
    from: 'toxiproxy',
    params: z.strictObject({
      rate: whole('rate is whole kB per second', 'toxiproxy'),
      stream,
    }),
    example: { rate: 32 },
    fault: ({ rate, stream: to }) => ({ kind: 'bandwidth', [DIRECTION[to].rate]: `${rate}kB` }),
  }),
  alias({
    name: 'timeout',
    from: 'toxiproxy',
    params: z.strictObject({ timeout: wholeMs, stream }),
    example: { timeout: 2000 },
    fault: ({ timeout, stream: to }) => ({
      kind: 'timeout',
      at: DIRECTION[to].at,
      ...(timeout === 0 ? {} : { for: `${timeout}ms` }),
    }),
  }),
  alias({
    name: 'reset_peer',
    from: 'toxiproxy',
    params: z.strictObject({ timeout: wholeMs.default(0), stream }),
    example: { timeout: 500 },
    note: 'acts on the request or the answer, so never in a TLS handshake',
    fault: ({ timeout, stream: to }) =>
      timeout === 0
        ? { kind: 'disconnect', how: 'reset', at: DIRECTION[to].at }
        : { kind: 'timeout', at: DIRECTION[to].at, for: `${timeout}ms`, end: 'reset' },
  }),
  alias({
    name: 'limit_data',
    from: 'toxiproxy',
    params: z.strictObject({
      bytes: whole('bytes is a whole number', 'toxiproxy'),
      stream,
    }),
    example: { bytes: 4096 },
    note: "counts the bytes of one call's HTTP message, not those of TLS and not over the whole connection",
    fault: ({ bytes, stream: to }) => ({
      kind: 'disconnect',
      how: 'close',
      at: { [DIRECTION[to].bytes]: `${bytes}B` },
    }),
  }),
];

const IN_HEADERS =
  'Envoy takes it from request headers; here allow_request_faults lets a call ask with the header x-aep-fault';

/** Names of other tools that nothing here means the same as, each with what comes near. */
export const unlikeHere: ReadonlyMap<string, string> = new Map([
  [
    'RANDOM_DATA_THEN_CLOSE',
    'WireMock writes bytes that are no HTTP, and nothing here does; near: { kind: body-not-json } or { kind: disconnect, at: head }',
  ],
  [
    'MALFORMED_RESPONSE_CHUNK',
    'WireMock breaks the chunked coding, and nothing here does; near: { kind: body-not-json }, { kind: stream-garble, how: broken-json } or { kind: disconnect, at: { bytes_down: 1KiB } }',
  ],
  [
    'fixedDelayMilliseconds',
    'in WireMock it goes with a stubbed answer; a delay of its own here: { kind: latency, delay: 500ms, at: head }',
  ],
  [
    'delayDistribution',
    'in WireMock it goes with a stubbed answer; near: { kind: latency, delay: { distribution: lognormal, median: 80ms, sigma: 0.4 }, at: head }',
  ],
  [
    'chunkedDribbleDelay',
    'WireMock spreads an answer over a time, whatever its size, and nothing here does; near: { kind: slow-body, per_second: 1KiB }',
  ],
  ['header_abort', IN_HEADERS],
  ['header_delay', IN_HEADERS],
  [
    'slow_close',
    'it holds back a FIN that the other side wants to send, and no fault here does; near: { kind: disconnect, how: close, at: { idle: 5s } }, which ends a connection some time after its answer, or { kind: disconnect, how: hang }',
  ],
  ['slicer', 'no fault here cuts packets; near: { kind: slow-body, per_second: 1KiB }'],
  [
    'down',
    'a proxy that is down in toxiproxy takes no connection at all, and this one goes on listening; near: { kind: connect-failure, how: reset, at: accept }',
  ],
]);

/** What other tools say in the fault and rules say beside it, or not at all. */
const saidElsewhere: ReadonlyMap<string, string> = new Map([
  ['toxicity', 'toxicity stands beside the fault here: trigger: { probability: 0.5 }'],
  ['percentage', 'percentage stands beside the fault here: trigger: { probability: 0.5 }'],
  ['max_active_faults', 'max_active_faults stands beside the fault here: limit: { concurrent: 10 }'],
  ['grpc_status', 'the Claude API speaks no gRPC: give http_status'],
  ['attributes', 'write the attributes of a toxic side by side, as in { kind: latency, latency: 1000 }'],
]);

/** What became of a fault that may be an alias: our own words for it, or why it is none of ours. */
export type ReadAlias =
  | { readonly fault: OwnFault }
  | { readonly error: z.ZodError; readonly params: z.ZodType }
  | { readonly unlike: string }
  /** A parameter that has no place in a fault, and its cure. */
  | { readonly misplaced: string; readonly cure: string };

/**
 * Reads a fault of another tool.
 *
 * @param isKind tells our own kinds: their parameters win over an alias of the same name
 * @returns undefined when `name` is no alias
 * @example readAlias('CONNECTION_RESET_BY_PEER', {}, isKind) // { fault: { kind: 'disconnect', how: 'reset', … } }
 */
export function readAlias(
  name: string,
  params: Readonly<Record<string, unknown>>,
  isKind: (name: string) => boolean,
): ReadAlias | undefined {
  const unlike = unlikeHere.get(name);
  if (unlike !== undefined) return { unlike };
  const found = faultAliases.find((one) => one.name === name);
  if (found === undefined) return undefined;
  for (const [misplaced, cure] of saidElsewhere) if (misplaced in params) return { misplaced, cure };
  const checked = found.params.safeParse(params);
  if (checked.success) return { fault: found.fault(checked.data) };
  return isKind(name) ? undefined : { error: checked.error, params: found.params };
}
