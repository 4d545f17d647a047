/** Questions of a new reader, and the place that answers each. Tests hold that file and word are there. */

export interface Place {
  readonly question: string;
  /** From the package's root. */
  readonly file: string;
  /** Stands in that file: what to look for. */
  readonly word: string;
}

export const PLACES: readonly Place[] = [
  { question: 'Where does a call begin?', file: 'src/engine/call/call.ts', word: 'begin' },
  { question: 'How far can a call have come?', file: 'src/engine/call/call-state.ts', word: 'step' },
  { question: 'Who decides what happens to it?', file: 'src/core/rules/rule-set.ts', word: 'decide' },
  {
    question: 'Who carries a decision out, before the answer?',
    file: 'src/engine/injection/injection.ts',
    word: '#act',
  },
  { question: 'And in the answer?', file: 'src/engine/response/faulted-response.ts', word: '#afterDelays' },
  { question: 'Where does a cut happen?', file: 'src/engine/response/response-writer.ts', word: '#cut' },
  { question: 'And that of an upload?', file: 'src/engine/injection/injection.ts', word: '#cutUpload' },
  {
    question: 'How does a connection end (FIN, RST, …)?',
    file: 'src/engine/transport/endings.ts',
    word: 'endTransport',
  },
  {
    question: 'Who tells that a fault was applied, or skipped?',
    file: 'src/engine/injection/call-reporter.ts',
    word: 'skipped',
  },
  {
    question: 'And of a fault on a connection?',
    file: 'src/engine/connection/connection-faults.ts',
    word: '#skipped',
  },
  { question: 'Who tells that a call ended?', file: 'src/engine/call/call-ending.ts', word: 'ended' },
  { question: 'What can an effect be?', file: 'src/core/effect.ts', word: 'Effect' },
  {
    question: 'In which order do effects act, which exclude each other?',
    file: 'src/core/effect-order.ts',
    word: 'ORDER',
  },
  { question: 'Where is a fault defined?', file: 'src/core/faults/stream-cut.ts', word: 'streamCut' },
  { question: 'What is told, and when?', file: 'src/core/events.ts', word: 'exchange.ended' },
  {
    question: 'Where do draws come from (same seed, same decisions)?',
    file: 'src/core/random.ts',
    word: 'createRandom',
  },
  { question: 'Which hosts are intercepted?', file: 'src/core/net/target-host.ts', word: 'matches' },
  { question: 'Who signs for them?', file: 'src/ca/authority.ts', word: 'secureContext' },
  {
    question: 'Where does a call go (upstream, upstream proxy, stand-in)?',
    file: 'src/engine/upstream/router.ts',
    word: 'Router',
  },
  {
    question: 'What does a natural failure look like to the client?',
    file: 'src/engine/problems/proxy-errors.ts',
    word: 'proxyErrorResponse',
  },
  { question: 'What may a web page not do?', file: 'src/engine/front/page-guard.ts', word: 'PageGuard' },
  { question: 'What ends with a stop?', file: 'src/engine/engine.ts', word: 'stop' },
  { question: 'What does a bug of ours end?', file: 'src/engine/connection/client-stream.ts', word: 'guard' },
  { question: 'Who changes the rules of a running proxy?', file: 'src/app/rule-store.ts', word: 'RuleStore' },
  {
    question: 'Where are flags, file and environment merged?',
    file: 'src/config/normalize.ts',
    word: 'normalize',
  },
  { question: 'Where is everything put together?', file: 'src/app/proxy.ts', word: 'startProxy' },
];
