// Node through a CONNECT proxy, by the built-in fetch or the TypeScript SDK (see calls.py for what it is told and says).
import Anthropic from '@anthropic-ai/sdk';
import { ProxyAgent } from 'undici';

const [way, version, seconds, ...words] = process.argv.slice(2);
const timeout = Number(seconds) * 1000;
const limits = { minVersion: `TLSv${version}`, maxVersion: `TLSv${version}` };
const body = {
  model: 'claude-opus-5-5',
  max_tokens: 64,
  messages: [{ role: 'user', content: 'Say hello.' }],
};

/** The SDK's timeout ends with the head of the answer. */
const PATIENCE_MS = 6_000;

for (const word of words) {
  const [port, pause] = word.split('+');
  const dispatcher = new ProxyAgent({ uri: `http://127.0.0.1:${port}`, requestTls: limits });
  const call = way === 'sdk' ? bySdk(dispatcher) : byFetch(dispatcher);
  let said = [];
  const patience = new Promise((resolve) => setTimeout(resolve, PATIENCE_MS, 'gone').unref());
  const attempt = async () => {
    await call();
    if (pause !== undefined) {
      await new Promise((resolve) => setTimeout(resolve, Number(pause)));
      await call();
    }
  };
  try {
    const attempted = attempt();
    attempted.catch(() => {}); // it may fail long after nobody waits for it
    if ((await Promise.race([attempted, patience])) === 'gone') said = ['still waiting after 6 s'];
  } catch (error) {
    said = chain(error);
  }
  console.log(JSON.stringify(said));
  dispatcher.destroy().catch(() => {});
}

function bySdk(dispatcher) {
  const client = new Anthropic({ maxRetries: 0, timeout, fetchOptions: { dispatcher } });
  return () => client.messages.create(body);
}

function byFetch(dispatcher) {
  return async () => {
    const answer = await fetch('https://api.anthropic.com/v1/messages', {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'x-api-key': 'sk-ant-dummy',
        'anthropic-version': '2023-06-01',
      },
      body: JSON.stringify(body),
      dispatcher,
      signal: AbortSignal.timeout(timeout),
    });
    await answer.json();
  };
}

/** The error that reached the program and what caused it: the code where there is one, else class and words. */
function chain(error) {
  const name = error.constructor.name === 'DOMException' ? error.name : error.constructor.name;
  const code = typeof error.code === 'string' ? error.code : undefined;
  const said = `${name}${code === undefined ? ` "${error.message}"` : ` ${code}`}`;
  return [said, ...(error.cause instanceof Error ? chain(error.cause) : [])];
}
