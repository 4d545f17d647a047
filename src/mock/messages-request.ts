/** A request for a message, after the checks: what the rest of the stand-in reads. */
import type { Json } from './json-body.ts';
import type { Model } from './models.ts';

export interface MessagesRequest {
  readonly model: Model;
  readonly maxTokens: number;
  readonly messages: readonly Turn[];
  /** Blocks of the system prompt. */
  readonly system: readonly Json[];
  readonly tools: readonly Tool[];
  readonly toolChoice: ToolChoice;
  readonly thinking: Thinking;
  readonly stopSequences: readonly string[];
  readonly stream: boolean;
  /** Schema that the answer's text must follow, from `output_config.format`. */
  readonly schema: Json | undefined;
  /** Cache everything: `cache_control` of the request itself. */
  readonly cacheControl: Json | undefined;
}

export interface Turn {
  readonly role: 'user' | 'assistant' | 'system';
  /** Text given as a string is one text block. */
  readonly content: readonly Json[];
}

export interface Tool {
  readonly name: string;
  /** `custom`, or the type of a tool that the API defines. */
  readonly type: string;
  /** Undefined for tools that the API defines. */
  readonly inputSchema: Json | undefined;
  /** As it came, for counting. */
  readonly json: Json;
}

export interface ToolChoice {
  readonly type: 'auto' | 'any' | 'tool' | 'none';
  readonly name?: string;
  readonly parallel: boolean;
}

export interface Thinking {
  readonly type: 'disabled' | 'enabled' | 'adaptive' | 'between_tools';
  /** False: the block's text stays empty, only its signature is sent. */
  readonly shown: boolean;
}
