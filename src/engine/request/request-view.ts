/** The facts of one request, read from its head only when somebody asks. */
import { createHash } from 'node:crypto';
import { type BodyFacts, readBody } from '../../core/anthropic/request.ts';
import type { Header, RequestFacts, Via } from '../../core/facts.ts';
import type { RequestHead } from '../../core/http1/head.ts';
import type { HeaderBlock } from '../../core/http1/header-block.ts';
import { memoRecent } from '../../core/memo-recent.ts';
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

/** 12 hex digits of SHA-256: tells keys apart, gives none away. */
export function fingerprint(key: string | undefined): string {
  return key === undefined ? 'none' : printOf(key);
}

const printOf = memoRecent((key): string => {
  return createHash('sha256')
    .update(key.replace(/^Bearer /i, ''))
    .digest('hex')
    .slice(0, 12);
}, 256);

function clientOf(fields: HeaderBlock): string {
  return fingerprint(fields.get('x-api-key') ?? fields.get('authorization'));
}

function attemptOf(fields: HeaderBlock): number {
  const count = Number(fields.get('x-stainless-retry-count') ?? 0);
  return Number.isInteger(count) && count > 0 ? count : 0;
}
