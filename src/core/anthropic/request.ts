/**
 * What a body of a request to the Claude API says. Matchers, fault plans and events read it here; nothing is parsed
 * before it is asked for, and nothing in a body can make this throw.
 */

import { topLevelText } from './top-level-text.ts';

/** Facts of a body. Whatever is not there, or not of its documented type, is undefined (or empty, or false). */
export interface BodyFacts {
  /**
   * `none`: no body; `unread`: nobody asked for it; `held`: read whole; `truncated`: over the limit (matchers on the body do not match);
   * `unreadable`: an unknown coding or not JSON.
   */
  readonly state: 'none' | 'unread' | 'held' | 'truncated' | 'unreadable';
  /** The parsed JSON; undefined unless `state` is `held`. */
  readonly json: unknown;
  readonly model: string | undefined;
  /**
   * The model that the body has if it is readable, found without parsing it: for leaving out what cannot match.
   * Absent where that cannot be told so cheaply: ask for `model`.
   */
  readonly likelyModel?: { readonly text: string | undefined } | undefined;
  readonly stream: boolean | undefined;
  readonly maxTokens: number | undefined;
  /** Names of the tools offered, in order. */
  readonly tools: readonly string[];
  /** Number of messages. */
  readonly messages: number;
  /** Whether extended thinking is asked for (any `thinking` but `disabled`). */
  readonly thinking: boolean;
  /**
   * System prompt and first message as text, the same for every call of a conversation: images, cache marks and other
   * fields that change between calls are left out. Undefined without any such text.
   */
  readonly opening: string | undefined;
  /** Set where the API holds the conversation (`thread`); `previous`: the id of the answer that this turn goes on from. */
  readonly thread: { readonly previous: string | undefined } | undefined;
}

/**
 * Reads a body.
 *
 * @param bytes the whole body with its content-coding undone; null where there is none to read
 * @param state what the engine knows; `held` becomes `unreadable` once the bytes prove to be no JSON in UTF-8
 * @example
 * ```ts
 * readBody(new TextEncoder().encode('{"model":"claude-x","stream":true}'), 'held').model; // 'claude-x'
 * ```
 */
export function readBody(bytes: Uint8Array | null, state: BodyFacts['state']): BodyFacts {
  return bytes === null || state !== 'held' ? new Body(null, state) : new Body(bytes, state);
}

const NO_NAMES: readonly string[] = [];
/** One for all: a decoder keeps nothing from one whole body to the next, and making one costs more than a small body. */
const UTF8 = new TextDecoder('utf-8', { fatal: true });

class Body implements BodyFacts {
  #bytes: Uint8Array | null;
  #state: BodyFacts['state'];
  #json: unknown;
  #tools: readonly string[] | undefined;

  constructor(bytes: Uint8Array | null, state: BodyFacts['state']) {
    this.#bytes = bytes;
    this.#state = bytes === null && state === 'held' ? 'none' : state;
  }

  get state(): BodyFacts['state'] {
    this.#parse();
    return this.#state;
  }

  get json(): unknown {
    return this.#parse();
  }

  get model(): string | undefined {
    const model = this.#field('model');
    return typeof model === 'string' ? model : undefined;
  }

  get likelyModel(): { readonly text: string | undefined } | undefined {
    if (this.#bytes === null) return undefined;
    const text = topLevelText(this.#bytes, 'model');
    return text === null ? undefined : { text };
  }

  get stream(): boolean | undefined {
    const stream = this.#field('stream');
    return typeof stream === 'boolean' ? stream : undefined;
  }

  get maxTokens(): number | undefined {
    const maxTokens = this.#field('max_tokens');
    return typeof maxTokens === 'number' ? maxTokens : undefined;
  }

  get tools(): readonly string[] {
    return (this.#tools ??= names(this.#field('tools')));
  }

  get messages(): number {
    const messages = this.#field('messages');
    return Array.isArray(messages) ? messages.length : 0;
  }

  get thinking(): boolean {
    const type = field(this.#field('thinking'), 'type');
    return typeof type === 'string' && type !== 'disabled';
  }

  get opening(): string | undefined {
    const messages = this.#field('messages');
    const first = Array.isArray(messages) ? field(messages[0], 'content') : undefined;
    const texts = [text(this.#field('system')), text(first)];
    return texts.some((part) => part !== '') ? JSON.stringify(texts) : undefined;
  }

  get thread(): { readonly previous: string | undefined } | undefined {
    const thread = this.#field('thread');
    if (typeof thread !== 'object' || thread === null) return undefined;
    const previous = field(thread, 'previous_message_id');
    return { previous: typeof previous === 'string' ? previous : undefined };
  }

  #field(name: string): unknown {
    return field(this.#parse(), name);
  }

  #parse(): unknown {
    if (this.#bytes === null) return this.#json;
    const bytes = this.#bytes;
    this.#bytes = null;
    try {
      this.#json = JSON.parse(UTF8.decode(bytes));
    } catch {
      this.#state = 'unreadable';
    }
    return this.#json;
  }
}

function field(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  return Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined;
}

function names(tools: unknown): readonly string[] {
  if (!Array.isArray(tools)) return NO_NAMES;
  return tools.map((tool) => field(tool, 'name')).filter((name) => typeof name === 'string');
}

/** Text of a `content` or `system` field: a string, or a list of blocks of which the text ones count. */
function text(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content
    .map((block) => field(block, 'text'))
    .filter((part) => typeof part === 'string')
    .join('\n');
}
