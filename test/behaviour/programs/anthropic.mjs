// @anthropic-ai/sdk: the raw stream, the stream helper, and the call without a stream.
import Anthropic from '@anthropic-ai/sdk';
import { readEvent } from './raw-events.mjs';
import { KEY, MODEL, PROMPT, serve } from './serve.mjs';
import { packageOf } from './version-of.mjs';

const { version } = packageOf('@anthropic-ai/sdk', import.meta.url);

serve(
  { '@anthropic-ai/sdk': version },
  {
    raw: async (seen, call) => {
      const stream = await clientFor(call).messages.create({ ...request(call), stream: true });
      for await (const event of stream) readEvent(seen, event);
    },
    helper: async (seen, call) => {
      const stream = clientFor(call).messages.stream(request(call));
      stream.on('text', (text) => (seen.text += text));
      const message = await stream.finalMessage();
      seen.returned = 'message';
      seen.text = textOf(message);
      seen.stop = message.stop_reason;
    },
    whole: async (seen, call) => {
      const answer = await clientFor(call).messages.create(request(call));
      seen.returned = typeof answer === 'string' ? 'string' : (answer?.type ?? 'nothing');
      seen.text = textOf(answer);
      seen.stop = answer?.stop_reason ?? null;
    },
  },
);

function request({ pad = 0 }) {
  const messages = [{ role: 'user', content: PROMPT + ' '.repeat(pad) }];
  return { model: MODEL, max_tokens: 1024, messages };
}

function clientFor({ url, timeoutMs: timeout, retries: maxRetries }) {
  return new Anthropic({
    apiKey: KEY,
    baseURL: url,
    ...(timeout ? { timeout } : {}),
    ...(maxRetries === undefined ? {} : { maxRetries }),
  });
}

function textOf(message) {
  return (message?.content ?? []).map((block) => block.text ?? '').join('');
}
