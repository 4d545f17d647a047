// The built-in fetch, without a word about proxies. It has no retries of its own: it makes them here.
import { MODEL, makeCalls, PROMPT } from './calls.mjs';

const base = process.env.ANTHROPIC_BASE_URL ?? 'https://api.anthropic.com';
const messages = [{ role: 'user', content: PROMPT }];

await makeCalls(
  async ({ stream, retries }) => {
    for (let attempt = 0; ; attempt += 1) {
      const answer = await fetch(`${base}/v1/messages`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'x-api-key': process.env.ANTHROPIC_API_KEY,
          'anthropic-version': '2023-06-01',
        },
        body: JSON.stringify({ model: MODEL, max_tokens: 256, messages, stream }),
      });
      const body = await answer.text();
      if (answer.ok) return stream ? streamedText(body) : JSON.parse(body).content[0].text;
      if (attempt < retries) continue;
      throw Object.assign(new Error(body), { status: answer.status, type: JSON.parse(body).error.type });
    }
  },
  ({ name, status, type }) => ({ name, status, type }),
);

function streamedText(body) {
  const data = [...body.matchAll(/^data: (.*)$/gm)].map((match) => JSON.parse(match[1]));
  return data.map(({ delta }) => delta?.text ?? '').join('');
}
