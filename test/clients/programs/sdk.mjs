// @anthropic-ai/sdk. The dispatcher brings it through HTTPS_PROXY on every Node; without that variable it goes straight.
import Anthropic from '@anthropic-ai/sdk';
import { EnvHttpProxyAgent } from 'undici';
import { MODEL, makeCalls, PROMPT } from './calls.mjs';

const client = new Anthropic({ fetchOptions: { dispatcher: new EnvHttpProxyAgent() } });
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
