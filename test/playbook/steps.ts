/** What can happen in a random walk, and the words that its clients and upstreams have for it. */
import { OURSELVES, type Peer, type Stage } from './stage.ts';
import {
  ANSWER,
  chunk,
  connectTo,
  GET,
  HALF_ANSWER,
  JSON_ANSWER,
  LAST_CHUNK,
  POST,
  STREAM_HEAD,
  sse,
  UNTIL_FIN,
} from './words.ts';

const BODY = '{"model":"claude-x","max_tokens":1,"messages":[]}';
const LONG_POST = POST.replace('Content-Length: 10', `Content-Length: ${BODY.length}`);
const IN_TUNNEL = GET.replace(OURSELVES, 'api.anthropic.com');

/** What a client says, piece by piece; then it says nothing more. */
export const CLIENTS: Readonly<Record<string, readonly string[]>> = {
  'two requests': [GET, GET],
  'a request in two pieces': [GET.slice(0, 30), GET.slice(30), GET],
  'a body in pieces': [LONG_POST, BODY.slice(0, 20), BODY.slice(20), GET],
  'a body in chunks': [
    LONG_POST.replace(/Content-Length: \d+/, 'Transfer-Encoding: chunked'),
    chunk(BODY.slice(0, 20)),
    chunk(BODY.slice(20)) + LAST_CHUNK,
    GET,
  ],
  'a body in chunks that goes wrong': [
    LONG_POST.replace(/Content-Length: \d+/, 'Transfer-Encoding: chunked'),
    chunk(BODY),
    'ZZ\r\n',
  ],
  'a body too large for the buffers': [POST.replace('10', '3000'), 'x'.repeat(1500), 'x'.repeat(1500), GET],
  'a body that waits for 100': [LONG_POST.replace('\r\n\r\n', '\r\nExpect: 100-continue\r\n\r\n'), BODY, GET],
  'requests in a pipeline': [GET + LONG_POST + BODY + GET, GET],
  'a request that ends its connection': [GET.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n'), GET],
  'an upgrade': [GET.replace('\r\n\r\n', '\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n'), 'up', 'up'],
  'HEAD, then junk': [GET.replace('GET', 'HEAD'), 'junk\r\n\r\n'],
  'HTTP/1.0': [GET.replace('HTTP/1.1', 'HTTP/1.0'), GET],
  'the absolute form': [
    GET.replace(/(GET )(.*Host: )[^\r]*/s, '$1http://api.anthropic.com$2api.anthropic.com'),
    GET,
  ],
  'a host that is no target': ['GET http://other.example/ HTTP/1.1\r\nHost: other.example\r\n\r\n', GET],
  'a tunnel to a target, with calls': [connectTo('api.anthropic.com:443'), IN_TUNNEL, IN_TUNNEL],
  'a tunnel to a target, with the first call at once': [
    connectTo('api.anthropic.com:443') + IN_TUNNEL,
    IN_TUNNEL,
  ],
  'a tunnel to a target, with other bytes': [
    connectTo('api.anthropic.com:443'),
    '\0\0',
    '\0\0',
    'x'.repeat(600),
  ],
  'a tunnel to ourselves': [connectTo(OURSELVES), GET, GET],
  'a tunnel to another host': [connectTo('other.example:443'), 'up', 'x'.repeat(600), 'up'],
  'a tunnel to an address': [connectTo('10.0.0.1:443'), 'SSH-2.0-x\r\n', 'x'.repeat(600)],
};

/** What an upstream says, piece by piece, and then again from the first on. */
export const UPSTREAMS: Readonly<Record<string, readonly string[]>> = {
  'an answer': [ANSWER],
  'an answer in two pieces': [HALF_ANSWER, ANSWER.slice(HALF_ANSWER.length)],
  'an answer in the midst of its head': [ANSWER.slice(0, 10), ANSWER.slice(10)],
  'JSON in two pieces': [JSON_ANSWER.slice(0, -4), JSON_ANSWER.slice(-4)],
  'a stream': [
    STREAM_HEAD +
      chunk(sse({ type: 'message_start', message: { usage: { input_tokens: 3, output_tokens: 1 } } })),
    chunk(
      sse({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } }) +
        sse({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'a '.repeat(40) } }),
    ),
    chunk(sse({ type: 'content_block_stop', index: 0 })),
    chunk(sse({ type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 9 } })),
    chunk(sse({ type: 'message_stop' })) + LAST_CHUNK,
  ],
  'an error in a stream': [
    STREAM_HEAD + chunk(sse({ type: 'error', error: { type: 'overloaded_error', message: '' } })),
    LAST_CHUNK,
  ],
  'an answer until its FIN': [UNTIL_FIN, 'more'],
  'an answer too large for the buffers': [
    `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 3000\r\n\r\n${'a'.repeat(1000)}`,
    'a'.repeat(1000),
    'a'.repeat(1000),
  ],
  'an error of its own': ['HTTP/1.1 529 Overloaded\r\nContent-Length: 2\r\n\r\n{}'],
  '100, then an answer': ['HTTP/1.1 100 Continue\r\n\r\n', ANSWER],
  '101': ['HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n', 'down'],
  '204, and more than that': ['HTTP/1.1 204 No Content\r\n\r\n', `${ANSWER}junk`],
  'no HTTP': ['SSH-2.0-x\r\n', 'down'],
};

/** How often each step is taken, beside the others. Who leaves at once sees little. */
export const STEPS = {
  'client says': 12,
  'client ends': 1,
  'client resets': 1,
  'client stalls': 2,
  'client reads': 3,
  'another client connects': 1,
  'upstream opens': 9,
  'upstream fails': 1,
  'upstream says': 14,
  'upstream ends': 2,
  'upstream resets': 1,
  'upstream stalls': 1,
  'upstream reads': 2,
  '10 ms pass': 2,
  'a second passes': 3,
  'a minute passes': 2,
  'eleven minutes pass': 1,
  'other rules come': 1,
  'the proxy stops with a grace': 1,
  'the proxy stops at once': 1,
} as const;

export type Step = keyof typeof STEPS;

/** Takes steps on a stage, by the newest client and the newest upstream that is not gone. */
export class Walk {
  readonly #stage: Stage;
  readonly #clientSays: readonly string[];
  readonly #upstreamSays: readonly string[];
  readonly #otherRules: () => void;
  readonly #said = new Map<Peer, number>();

  constructor(
    stage: Stage,
    clientSays: readonly string[],
    upstreamSays: readonly string[],
    otherRules: () => void,
  ) {
    this.#stage = stage;
    this.#clientSays = clientSays;
    this.#upstreamSays = upstreamSays;
    this.#otherRules = otherRules;
  }

  /** @param quiet wait until all has come of it that can; else the next step comes in the same tick */
  async take(step: Step, quiet: boolean): Promise<void> {
    const stage = this.#stage;
    const [who, does] = step.split(' ') as [string, string];
    if (who === 'client') this.#does(newest(stage.clients), does);
    else if (who === 'upstream') this.#does(newest(stage.upstreams), does);
    else await this.#happens(step);
    if (quiet) await stage.quiet();
  }

  async #happens(step: Step): Promise<void> {
    const stage = this.#stage;
    if (step === 'another client connects') await stage.connects();
    else if (step === '10 ms pass') await stage.passes(10);
    else if (step === 'a second passes') await stage.passes(1_000);
    else if (step === 'a minute passes') await stage.passes(60_000);
    else if (step === 'eleven minutes pass') await stage.passes(660_000);
    else if (step === 'other rules come') this.#otherRules();
    else await stage.stops(step === 'the proxy stops at once' ? 0 : 10_000);
  }

  #does(peer: Peer | undefined, does: string): void {
    if (!peer) return;
    if (does === 'opens') peer.dialled?.opens();
    else if (does === 'fails') peer.fail('upstream-refused');
    else if (does === 'says') this.#says(peer);
    else peer.leg[does as 'ends' | 'resets' | 'stalls' | 'reads']();
  }

  #says(peer: Peer): void {
    if (peer.dialled) return;
    const isClient = this.#stage.clients.includes(peer);
    const all = isClient ? this.#clientSays : this.#upstreamSays;
    const said = this.#said.get(peer) ?? 0;
    this.#said.set(peer, said + 1);
    const words = isClient ? all[said] : all[said % all.length];
    if (words !== undefined) peer.leg.says(words);
  }
}

function newest(peers: readonly Peer[]): Peer | undefined {
  return peers.findLast(({ leg }) => !leg.destroyed) ?? peers.at(-1);
}
