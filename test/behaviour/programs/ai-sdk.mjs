// The AI SDK with its Anthropic provider: streamText, read part by part, and generateText.
import { createAnthropic } from '@ai-sdk/anthropic';
import { generateText, streamText } from 'ai';
import { describe, KEY, MODEL, PROMPT, serve } from './serve.mjs';
import { packageOf } from './version-of.mjs';

const versionOf = (name) => packageOf(name, import.meta.url).version;

serve(
  { ai: versionOf('ai'), '@ai-sdk/anthropic': versionOf('@ai-sdk/anthropic') },
  {
    stream: async (seen, call) => {
      const timeout = call.timeoutMs ? { timeout: { chunkMs: call.timeoutMs } } : {};
      const { fullStream } = streamText({ ...requestFor(call), ...timeout, onError: () => {} });
      for await (const part of fullStream) {
        if (part.type === 'text-delta') seen.text += part.text;
        // Errors are no exceptions here: they come as parts of the stream.
        if (part.type === 'error') seen.part ??= describe(part.error);
        if (part.type === 'abort') seen.notes.push('with an abort part');
        if (part.type === 'finish') seen.stop = part.finishReason;
      }
      seen.returned = 'events';
    },
    whole: async (seen, call) => {
      const timeout = call.timeoutMs ? { timeout: call.timeoutMs } : {};
      const { text, finishReason } = await generateText({ ...requestFor(call), ...timeout });
      Object.assign(seen, { returned: 'message', text, stop: finishReason });
    },
  },
);

function requestFor({ url }) {
  const anthropic = createAnthropic({ apiKey: KEY, baseURL: `${url}/v1` });
  return { model: anthropic(MODEL), maxOutputTokens: 1024, prompt: PROMPT };
}
