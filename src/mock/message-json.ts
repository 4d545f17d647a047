/** The JSON forms of a message: whole, and at the start of a stream. Field order as in the API's documentation. */
import type { Block, Composed } from './compose.ts';
import type { Json } from './json-body.ts';

/** Body of a whole answer. */
export function messageJson(message: Composed): Json {
  return {
    ...head(message),
    content: message.blocks.map(blockJson),
    stop_reason: message.stopReason,
    stop_sequence: message.stopSequence,
    ...nullable,
    usage: { ...usageJson(message, message.outputTokens), output_tokens_details: details(message) },
  };
}

/** `message` of message_start: nothing said yet. */
export function startJson(message: Composed): Json {
  return {
    ...head(message),
    content: [],
    stop_reason: null,
    stop_sequence: null,
    ...nullable,
    usage: { ...usageJson(message, Math.min(1, message.outputTokens)), output_tokens_details: null },
  };
}

/** `usage` of message_delta: cumulative. */
export function finalUsageJson(message: Composed): Json {
  const { input } = message;
  return {
    input_tokens: input.inputTokens,
    cache_creation_input_tokens: input.cacheCreationTokens,
    cache_read_input_tokens: input.cacheReadTokens,
    output_tokens: message.outputTokens,
    output_tokens_details: details(message),
    server_tool_use: null,
  };
}

function head(message: Composed): Json {
  return { id: message.id, type: 'message', role: 'assistant', model: message.model };
}

/** Fields that the stand-in never fills. */
const nullable: Json = { stop_details: null, container: null, diagnostics: null };

function usageJson({ input }: Composed, outputTokens: number): Json {
  const created = input.cacheCreationTokens;
  return {
    input_tokens: input.inputTokens,
    cache_creation_input_tokens: created,
    cache_read_input_tokens: input.cacheReadTokens,
    cache_creation: {
      ephemeral_5m_input_tokens: input.ttl === '5m' ? created : 0,
      ephemeral_1h_input_tokens: input.ttl === '1h' ? created : 0,
    },
    output_tokens: outputTokens,
    service_tier: 'standard',
    inference_geo: null,
    server_tool_use: null,
    speed: null,
  };
}

function details({ thinkingTokens }: Composed): Json | null {
  return thinkingTokens > 0 ? { thinking_tokens: thinkingTokens } : null;
}

function blockJson(block: Block): Json {
  const text = block.pieces.join('');
  switch (block.type) {
    case 'thinking':
      return { type: 'thinking', thinking: block.shown ? text : '', signature: block.signature };
    case 'text':
      return { type: 'text', text };
    case 'tool_use':
      return {
        type: 'tool_use',
        id: block.id,
        name: block.name,
        input: block.input,
        caller: { type: 'direct' },
      };
  }
}
