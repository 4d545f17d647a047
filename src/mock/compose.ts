/** Makes a message from a request: cuts the draft at `max_tokens` and at stop sequences, and counts. */
import { type Draft, draftAnswer } from './draft.ts';
import type { Identity } from './identity.ts';
import { type InputUsage, measureInput } from './input-usage.ts';
import type { Json } from './json-body.ts';
import type { MessagesRequest } from './messages-request.ts';
import { splitTokens } from './tokens.ts';

/** A finished block, with the pieces in which a stream brings it. */
export type Block =
  | {
      readonly type: 'thinking';
      readonly signature: string;
      readonly shown: boolean;
      readonly pieces: Pieces;
    }
  | { readonly type: 'text'; readonly pieces: Pieces }
  | {
      readonly type: 'tool_use';
      readonly id: string;
      readonly name: string;
      /** Empty when the input was cut: a whole answer cannot hold half of it, a stream brings its pieces. */
      readonly input: Json;
      /** The input's JSON text. */
      readonly pieces: Pieces;
    };

/** Tokens; joined, the block's text. */
export type Pieces = readonly string[];

export interface Composed {
  readonly id: string;
  readonly model: string;
  readonly blocks: readonly Block[];
  readonly stopReason: 'end_turn' | 'max_tokens' | 'stop_sequence' | 'tool_use';
  readonly stopSequence: string | null;
  readonly input: InputUsage;
  readonly outputTokens: number;
  readonly thinkingTokens: number;
}

/** Pure: the same request and identity give the same message. */
export function compose(request: MessagesRequest, identity: Identity): Composed {
  const blocks: Block[] = [];
  let left = request.maxTokens;
  let thinkingTokens = 0;
  let cut = false;
  let stopSequence: string | null = null;
  for (const draft of draftAnswer(request)) {
    const text = textOf(draft);
    const stopped = draft.type === 'text' ? findStop(text, request.stopSequences) : undefined;
    const all = splitTokens(text.slice(0, stopped?.at));
    const pieces = all.slice(0, left);
    cut = pieces.length < all.length;
    if (cut && left === 0) break;
    left -= pieces.length;
    if (draft.type === 'thinking') thinkingTokens += pieces.length;
    // The real API leaves out a text block that a stop sequence emptied.
    if (pieces.length > 0 || draft.type !== 'text')
      blocks.push(finish(draft, pieces, cut, blocks.length, identity));
    if (stopped && !cut) stopSequence = stopped.sequence;
    if (cut || stopped) break;
  }
  const called = blocks.some((block) => block.type === 'tool_use');
  return {
    id: identity.messageId(),
    model: request.model.id,
    blocks,
    stopReason: cut
      ? 'max_tokens'
      : stopSequence !== null
        ? 'stop_sequence'
        : called
          ? 'tool_use'
          : 'end_turn',
    stopSequence,
    input: measureInput(request),
    outputTokens: request.maxTokens - left,
    thinkingTokens,
  };
}

function textOf(draft: Draft): string {
  return draft.type === 'tool_use' ? JSON.stringify(draft.input) : draft.text;
}

function finish(draft: Draft, pieces: Pieces, cut: boolean, index: number, identity: Identity): Block {
  switch (draft.type) {
    case 'thinking':
      return { type: 'thinking', signature: identity.signature(), shown: draft.shown, pieces };
    case 'text':
      return { type: 'text', pieces };
    case 'tool_use':
      return {
        type: 'tool_use',
        id: identity.toolUseId(index),
        name: draft.name,
        input: cut ? {} : draft.input,
        pieces,
      };
  }
}

/** The stop sequence that comes first in a text; of two at one place, the one named first. */
function findStop(text: string, sequences: readonly string[]): { at: number; sequence: string } | undefined {
  let first: { at: number; sequence: string } | undefined;
  for (const sequence of sequences) {
    const at = text.indexOf(sequence);
    if (at >= 0 && (first === undefined || at < first.at)) first = { at, sequence };
  }
  return first;
}
