// @anthropic-ai/sdk as most programs use it, without a word about proxies: what `run` has to bring to the proxy.
import Anthropic from '@anthropic-ai/sdk';
import { MODEL, makeCalls, PROMPT } from './calls.mjs';

const client = new Anthropic();
const request = { model: MODEL, max_tokens: 256, messages: [{ role: 'user', content: PROMPT }] };

await makeCalls(
  async ({ stream, retries }) => {
    const options = { maxRetries: retries };
    const message = stream
      ? await client.messages.stream(request, options).finalMessage()
      : await client.messages.create(request, options);
    return message.content.map((block) => block.text ?? '').join('');
  },
  ({ name, status, type }) => ({ name, status, type }),
);
