/** The official TypeScript SDK against the stand-in, by base URL. It sends the newer API version and its key as a bearer token. */
import Anthropic from '@anthropic-ai/sdk';
import { describe, expect, it } from 'vitest';
import type { MockOptions } from '../../src/mock/mock-api.ts';
import { LISTED_MODELS } from '../../src/mock/models.ts';
import { WEATHER } from './calls.ts';
import { listening } from './wire-support.ts';

const model = 'claude-opus-5-5';
const hi: Anthropic.MessageParam[] = [{ role: 'user', content: 'hi' }];
const tools = [WEATHER as Anthropic.Tool];

async function client(options?: MockOptions, apiKey = 'dummy'): Promise<Anthropic> {
  const { url } = await listening(options);
  return new Anthropic({ apiKey, baseURL: url, maxRetries: 0 });
}

describe('@anthropic-ai/sdk', () => {
  it('creates a message', async () => {
    const message = await (await client()).messages.create({ model, max_tokens: 200, messages: hi });
    expect(message.content[0]).toMatchObject({ type: 'text', text: expect.stringContaining('"hi"') });
    expect(message.stop_reason).toBe('end_turn');
    expect(message._request_id).toMatch(/^req_011C/);
  });

  it.each([{}, { compress: true }])('streams, raw (%j)', async (options) => {
    const stream = await (await client(options)).messages.create({
      model,
      max_tokens: 200,
      messages: hi,
      stream: true,
    });
    const types: string[] = [];
    for await (const event of stream) types.push(event.type);
    expect(types[0]).toBe('message_start');
    expect(types.at(-1)).toBe('message_stop');
    expect(types.filter((type) => type === 'content_block_delta').length).toBeGreaterThan(10);
  });

  it('streams with the helper, and gets what a whole answer holds', async () => {
    const anthropic = await client();
    const params = { model, max_tokens: 2000, messages: hi, thinking: { type: 'adaptive' as const } };
    const stream = anthropic.messages.stream(params);
    let text = '';
    let thinking = '';
    stream.on('text', (delta) => (text += delta));
    stream.on('thinking', (delta) => (thinking += delta));
    const final = await stream.finalMessage();
    const whole = await anthropic.messages.create(params);
    expect(final.content.map((block) => block.type)).toEqual(['thinking', 'text']);
    expect(final.content[0]).toMatchObject({ thinking, signature: expect.stringMatching(/^.{256}$/) });
    expect(final.content[1]).toEqual(whole.content[1]);
    expect(text).toBe((whole.content[1] as Anthropic.TextBlock).text);
    expect(final.usage.output_tokens).toBe(whole.usage.output_tokens);
    expect(final.stop_reason).toBe('end_turn');
  });

  it('loops through a tool', async () => {
    const anthropic = await client();
    const asked = await anthropic.messages
      .stream({
        model,
        max_tokens: 500,
        messages: hi,
        tools,
        tool_choice: { type: 'tool', name: WEATHER.name },
      })
      .finalMessage();
    const use = asked.content[0] as Anthropic.ToolUseBlock;
    expect(use).toMatchObject({ type: 'tool_use', name: WEATHER.name, input: { city: 'stand-in', days: 3 } });
    expect(asked.stop_reason).toBe('tool_use');
    const answered = await anthropic.messages.create({
      model,
      max_tokens: 500,
      tools,
      messages: [
        ...hi,
        { role: 'assistant', content: asked.content as Anthropic.ContentBlockParam[] },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: use.id, content: 'Sunny.' }] },
      ],
    });
    expect(answered.stop_reason).toBe('end_turn');
    expect(answered.content[0]).toMatchObject({
      text: expect.stringContaining('The tool answered: "Sunny.".'),
    });
  });

  it('counts tokens', async () => {
    const anthropic = await client();
    const { input_tokens } = await anthropic.messages.countTokens({ model, messages: hi, tools });
    const message = await anthropic.messages.create({ model, max_tokens: 10, messages: hi, tools });
    expect(message.usage.input_tokens).toBe(input_tokens);
  });

  it('lists models over several pages', async () => {
    const anthropic = await client();
    const ids: string[] = [];
    for await (const info of anthropic.models.list({ limit: 3 })) ids.push(info.id);
    expect(ids).toEqual(LISTED_MODELS);
    expect((await anthropic.models.retrieve(model)).display_name).toBe('Claude Opus 5.5');
  });

  it('meets errors by their classes', async () => {
    const anthropic = await client();
    const create = (params: object) =>
      anthropic.messages.create({
        model,
        max_tokens: 10,
        messages: hi,
        ...params,
      } as Anthropic.MessageCreateParamsNonStreaming);
    await expect(create({ model: 'claude-nope' })).rejects.toBeInstanceOf(Anthropic.NotFoundError);
    await expect(create({ messages: [] })).rejects.toBeInstanceOf(Anthropic.BadRequestError);
    await expect(create({ temperature: 1 })).rejects.toThrow('temperature: Extra inputs are not permitted');
    const stranger = await client({}, 'invalid');
    await expect(stranger.models.list()).rejects.toBeInstanceOf(Anthropic.AuthenticationError);
  });
});
