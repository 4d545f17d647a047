// LangChain's ChatAnthropic: stream and invoke, with its own retries.
import { ChatAnthropic } from '@langchain/anthropic';
import { KEY, MODEL, PROMPT, serve } from './serve.mjs';
import { packageOf } from './version-of.mjs';

const own = packageOf('@langchain/anthropic', import.meta.url);
const inner = (name) => packageOf(name, own.path).version;

serve(
  {
    '@langchain/anthropic': own.version,
    '@langchain/core': inner('@langchain/core'),
    '@anthropic-ai/sdk in LangChain': inner('@anthropic-ai/sdk'),
  },
  {
    stream: async (seen, call) => {
      for await (const chunk of await modelFor(call).stream(PROMPT)) {
        seen.text += chunk.text;
        seen.stop = chunk.additional_kwargs.stop_reason ?? seen.stop;
      }
      seen.returned = 'events';
    },
    whole: async (seen, call) => {
      const message = await modelFor(call).invoke(PROMPT);
      seen.returned = 'message';
      seen.text = message.text;
      seen.stop = message.response_metadata.stop_reason ?? null;
    },
  },
);

function modelFor({ url, timeoutMs }) {
  const clientOptions = timeoutMs ? { timeout: timeoutMs } : {};
  return new ChatAnthropic({
    model: MODEL,
    maxTokens: 1024,
    apiKey: KEY,
    anthropicApiUrl: url,
    clientOptions,
  });
}
