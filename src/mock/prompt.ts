/** Reads what the user asked last, and the two directives that steer the stand-in. */
import { isObject, type Json } from './json-body.ts';
import type { MessagesRequest } from './messages-request.ts';

export interface Prompt {
  /** The last text of the last user message: what the answer quotes. Empty without one. */
  readonly text: string;
  /** Text of the last message's tool results; undefined when it has none. */
  readonly toolResult: string | undefined;
  /** `words=N` in the last message: length of the answer in words. */
  readonly words: number | undefined;
  /** `tool=NAME` or `tool=NAME {"its": "input"}` in the last message, in order. */
  readonly calls: readonly Call[];
}

export interface Call {
  readonly name: string;
  /** Undefined: made up from the tool's schema. */
  readonly input: Json | undefined;
}

const MAX_WORDS = 100_000;
/** Closing braces to try before a directive's input is taken for text. */
const MAX_BRACES = 200;

/** Only text is searched for directives, not what tools brought back. */
export function readPrompt({ messages }: MessagesRequest): Prompt {
  const content = messages.findLast((turn) => turn.role === 'user')?.content ?? [];
  const texts = content.filter((block) => block.type === 'text').map((block) => String(block.text));
  const results = content.filter((block) => block.type === 'tool_result');
  const all = texts.join('\n');
  const words = /\bwords=(\d{1,9})\b/.exec(all)?.[1];
  return {
    text: texts.at(-1) ?? '',
    toolResult: results.length === 0 ? undefined : results.map((block) => textOf(block.content)).join('\n'),
    words: words === undefined ? undefined : Math.min(Math.max(1, Number(words)), MAX_WORDS),
    calls: readCalls(all),
  };
}

function readCalls(text: string): readonly Call[] {
  return [...text.matchAll(/\btool=([A-Za-z0-9_-]{1,128})[ \t]*/g)].map((match) => ({
    name: match[1] ?? '',
    input: readObjectAt(text, match.index + match[0].length),
  }));
}

/** The JSON object that starts at an offset; undefined if none does. */
function readObjectAt(text: string, start: number): Json | undefined {
  if (text[start] !== '{') return undefined;
  let end = start;
  for (let tries = 0; tries < MAX_BRACES; tries++) {
    end = text.indexOf('}', end + 1);
    if (end < 0) return undefined;
    try {
      const value: unknown = JSON.parse(text.slice(start, end + 1));
      return isObject(value) ? value : undefined;
    } catch {
      // Not its closing brace yet.
    }
  }
  return undefined;
}

function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content.map((block: Json) => (typeof block.text === 'string' ? block.text : '')).join('\n');
}
