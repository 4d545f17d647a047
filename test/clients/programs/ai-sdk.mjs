// The AI SDK with its Anthropic provider, over the global fetch (`run` sets its dispatcher).
import { anthropic } from '@ai-sdk/anthropic';
import { generateText, streamText } from 'ai';
import { MODEL, makeCalls, PROMPT } from './calls.mjs';

await makeCalls(
  async ({ stream, retries }) => {
    const request = { model: anthropic(MODEL), maxOutputTokens: 256, prompt: PROMPT, maxRetries: retries };
    if (!stream) return (await generateText(request)).text;
    let failure;
    let text = '';
    // Errors are no exceptions here: they come as parts of the stream.
    for await (const part of streamText({ ...request, onError: () => {} }).fullStream) {
      if (part.type === 'text-delta') text += part.text;
      if (part.type === 'error') failure = part.error;
    }
    if (failure) throw failure;
    return text;
  },
  ({ name, statusCode }) => ({ name, status: statusCode }),
);
