// LangChain's ChatAnthropic, over the global fetch (`run` sets its dispatcher).
import { ChatAnthropic } from '@langchain/anthropic';
import { MODEL, makeCalls, PROMPT } from './calls.mjs';

await makeCalls(
  async ({ stream, retries }) => {
    const model = new ChatAnthropic({ model: MODEL, maxTokens: 256, maxRetries: retries });
    if (!stream) return (await model.invoke(PROMPT)).text;
    let text = '';
    for await (const chunk of await model.stream(PROMPT)) text += chunk.text;
    return text;
  },
  (error) => ({ name: error.constructor.name, status: error.status }),
);
