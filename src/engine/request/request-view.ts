/** The facts of one request, read from its head only when somebody asks. */
import { createHash } from 'node:crypto';
import { type BodyFacts, readBody } from '../../core/anthropic/request.ts';
import type { Header, RequestFacts, Via } from '../../core/facts.ts';
import type { RequestHead } from '../../core/http1/head.ts';
import type { HeaderBlock } from '../../core/http1/header-block.ts';
import { LONG_TEXT, ownText } from '../../core/peer-text.ts';
import type { ConnectionContext } from '../connection/context.ts';
import type { Authority } from '../transport/transport.ts';
import type { RequestRoute } from './request-route.ts';

const UNREAD: BodyFacts = readBody(null, 'unread');

/** {@link RequestFacts} over a request head. */
export class RequestView implements RequestFacts {
  readonly #head: RequestHead;
  readonly #context: ConnectionContext;
  readonly #target: Authority;
  readonly via: Via;
  readonly path: string;
  readonly query: string;
  readonly reused: boolean;
  readonly #transport: { readonly peer: string };
  body: BodyFacts = UNREAD;

  constructor(
    head: RequestHead,
    context: ConnectionContext,
    place: Pick<RequestRoute, 'target' | 'via' | 'path' | 'query'>,
    reused: boolean,
    transport: { readonly peer: string },
  ) {
    this.#head = head;
    this.#context = context;
    this.#target = place.target;
    this.via = place.via;
    this.path = place.path;
    this.query = place.query;
    this.reused = reused;
    this.#transport = transport;
  }

  get peer(): string {
    return this.#transport.peer;
  }
  get host(): string {
    return this.#target.host;
  }
  get port(): number {
    return this.#target.port;
  }
  get sni(): string | undefined {
    return this.#context.sni;
  }
  get method(): string {
    return this.#head.method;
  }
  header(name: string): string | undefined {
    return this.#head.headers.get(name);
  }
  headers(): readonly Header[] {
    return this.#head.headers.list();
  }
  get client(): string {
    return this.#head.headers.answer(':client', clientOf);
  }
  get attempt(): number {
    return this.#head.headers.answer(':attempt', attemptOf);
  }
  get conversation(): string | undefined {
    const session = this.header('x-claude-code-session-id');
    if (session !== undefined) return session;
    const opening = this.body.opening;
    return opening === undefined ? undefined : fingerprint(opening);
  }
}

let lastKey = '';
let lastPrint = '';
const fingerprints = new Map<string, string>();

/** 12 hex digits of SHA-256: tells keys apart, gives none away. Remembered for the most recent 256 keys. */
export function fingerprint(key: string | undefined): string {
  if (key === undefined) return 'none';
  // Compared, not hashed: every call brings its key as a new text, mostly the same.
  if (key === lastKey && lastPrint !== '') return lastPrint;
  let print = fingerprints.get(key);
  if (print === undefined) {
    print = createHash('sha256')
      .update(key.replace(/^Bearer /i, ''))
      .digest('hex')
      .slice(0, 12);
    if (fingerprints.size >= 256) fingerprints.clear();
    if (key.length <= LONG_TEXT) fingerprints.set(ownText(key), print);
  }
  lastKey = key;
  lastPrint = print;
  return print;
}

function clientOf(fields: HeaderBlock): string {
  return fingerprint(fields.get('x-api-key') ?? fields.get('authorization'));
}

function attemptOf(fields: HeaderBlock): number {
  const count = Number(fields.get('x-stainless-retry-count') ?? 0);
  return Number.isInteger(count) && count > 0 ? count : 0;
}
