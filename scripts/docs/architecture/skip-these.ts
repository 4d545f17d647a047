/** Files that make the program fast and explain nothing of what it does. Gates are rows of `bench/gates.ts`. */

export interface Trick {
  /** From the package's root. */
  readonly file: string;
  readonly spares: string;
  /** A gate's row, or what is held in its place. */
  readonly gate: string;
}

const INJECT = 'injected error, intercepted keep-alive';
const PASS = 'pass-through, intercepted keep-alive';
const FILTER = 'SSE relay, filter planned';
const CONNECT = 'new TLS connection per request';

/** What stands in for a gate where there is none in the table. */
export const EVENT_LOG = 'event log on against off (docs/performance.md)';

export const TRICKS: readonly Trick[] = [
  {
    file: 'src/engine/transport/fast-read/direct-read.ts',
    spares: 'the queue of Node’s streams',
    gate: INJECT,
  },
  { file: 'src/engine/transport/fast-read/shared-read.ts', spares: 'a buffer for each read', gate: INJECT },
  {
    file: 'src/engine/plan/answer-template.ts',
    spares: 'making the bytes of an injected answer for each call',
    gate: INJECT,
  },
  { file: 'src/engine/connection/head-readers.ts', spares: 'a reader for each connection', gate: CONNECT },
  {
    file: 'src/ca/context-cache.ts',
    spares: 'a certificate and a TLS context for each connection',
    gate: CONNECT,
  },
  { file: 'src/core/http1/head-memo.ts', spares: 'reading a head that is the one before it', gate: INJECT },
  {
    file: 'src/core/http1/known-fields.ts',
    spares: 'searching for the fields that HTTP acts on',
    gate: PASS,
  },
  { file: 'src/core/rules/rule-index.ts', spares: 'asking each rule', gate: PASS },
  { file: 'src/core/rules/pass-decision.ts', spares: 'a reason for each call that passes', gate: PASS },
  { file: 'src/core/memo-last.ts', spares: 'working out again what came just before', gate: CONNECT },
  { file: 'src/core/memo-recent.ts', spares: 'hashing a key that is known', gate: INJECT },
  { file: 'src/core/anthropic/top-level-text.ts', spares: 'parsing a prompt to learn its model', gate: PASS },
  { file: 'src/core/anthropic/delta-run.ts', spares: 'a frame for each delta of a stream', gate: FILTER },
  { file: 'src/engine/response/chunk-run.ts', spares: 'framing anew what no filter looks at', gate: FILTER },
  {
    file: 'src/engine/response/read-parts.ts',
    spares: 'a piece of memory for each short part',
    gate: FILTER,
  },
  { file: 'src/core/held-bytes.ts', spares: 'memory beside short pieces that are kept', gate: FILTER },
  { file: 'src/observe/encode-event.ts', spares: '`JSON.stringify` for each event', gate: EVENT_LOG },
  {
    file: 'src/observe/event-pieces.ts',
    spares: 'writing what is the same from event to event',
    gate: EVENT_LOG,
  },
  { file: 'src/observe/line-buffer.ts', spares: 'strings that are joined and encoded', gate: EVENT_LOG },
  {
    file: 'src/cli/compile-cache.ts',
    spares: 'compiling the program at each start',
    gate: 'start to listening',
  },
];
