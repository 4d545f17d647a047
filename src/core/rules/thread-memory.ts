/**
 * Remembers which conversation a message thread belongs to. Each of its turns but the first brings the new messages alone
 * and names the answer before it, so what a turn says of itself does not tell: the answers' ids do.
 */
import type { RequestFacts } from '../facts.ts';
import type { Decision, Outcome } from './decision.ts';
import { type MemorySource, type Notes, ownMemory } from './memory-source.ts';

/** Answers remembered; the one longest not asked for is forgotten first. */
const REMEMBERED = 10_000;

/** A decision on a turn of a thread, until its call has ended. */
export interface OfThread extends Decision {
  thread?: string;
}

export class ThreadMemory {
  readonly #conversations: Notes<string>;

  constructor(memory: MemorySource = ownMemory) {
    this.#conversations = memory.notes('conversations of answers', REMEMBERED);
  }

  /** Undefined also for a thread of which no answer came by here. */
  conversationOf(facts: RequestFacts): string | undefined {
    const previous = facts.body.thread?.previous;
    // A client that names its session has said it all.
    if (previous === undefined || facts.header('x-claude-code-session-id') !== undefined)
      return facts.conversation;
    return this.#conversations.get(previous);
  }

  /** Notes on the decision whose turn it is about: its answer will be the turn before the next. */
  note(facts: RequestFacts, decision: OfThread): void {
    if (facts.body.thread === undefined) return;
    const conversation = this.conversationOf(facts);
    if (conversation !== undefined) decision.thread = conversation;
  }

  settle({ thread }: Decision, { messageId }: Outcome): void {
    if (thread !== undefined && messageId !== undefined) this.#conversations.set(messageId, thread);
  }
}
