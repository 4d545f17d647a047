import { describe, expect, it } from 'vitest';
import { type Body, call, HI, json, refusal, user, WEATHER } from './calls.ts';

const without = (name: string): Body => ({ ...HI, [name]: undefined });
const messages = (...list: unknown[]): Body => ({ ...HI, messages: list });
const said = (...content: unknown[]): Body => ({ role: 'assistant', content });
const use = { type: 'tool_use', id: 'toolu_1', name: 'get_weather', input: {} };
const result = { type: 'tool_result', tool_use_id: 'toolu_1', content: 'sunny' };
const thinking = { type: 'enabled', budget_tokens: 1024 };

describe('a request is refused in the words of the API', () => {
  it.each<[Body | string, string]>([
    ['', 'The request body is not valid JSON: unexpected end of data: line 1 column 1 (char 0)'],
    [
      '{"a":1,\n "b":}',
      'The request body is not valid JSON: unexpected character: line 2 column 6 (char 13)',
    ],
    [
      '{"a":"\\ud83d!"}',
      'The request body is not valid JSON: no low surrogate in string: line 1 column 7 (char 6)',
    ],
    ['[]', 'Input should be a valid dictionary'],
    [without('model'), 'model: Field required'],
    [without('max_tokens'), 'max_tokens: Field required'],
    [without('messages'), 'messages: Field required'],
    [{ ...HI, model: 5 }, 'model: Input should be a valid string'],
    [{ ...HI, model: '' }, 'model: String should have at least 1 character'],
    [{ ...HI, max_tokens: '5' }, 'max_tokens: Input should be a valid integer'],
    [{ ...HI, max_tokens: 1.5 }, 'max_tokens: Input should be a valid integer'],
    [{ ...HI, max_tokens: 0 }, 'max_tokens: Input should be greater than or equal to 1'],
    [
      { ...HI, model: 'claude-haiku-4-5', max_tokens: 64_001 },
      'max_tokens: 64001 > 64000, which is the maximum allowed number of output tokens for claude-haiku-4-5',
    ],
    [{ ...HI, stream: 'yes' }, 'stream: Input should be a valid boolean'],
    [{ ...HI, temperature: 1.5 }, 'temperature: Input should be less than or equal to 1'],
    [{ ...HI, max_token: 5 }, 'max_token: Extra inputs are not permitted'],
    [{ ...HI, stop_sequences: [' '] }, 'stop_sequences: each stop sequence must contain non-whitespace'],
    [{ ...HI, stop_sequences: 'x' }, 'stop_sequences: Input should be a valid list'],
    [{ ...HI, system: 5 }, 'system: Input should be a valid list'],
    [{ ...HI, messages: {} }, 'messages: Input should be a valid list'],
    [messages(), 'messages: at least one message is required'],
    [messages('hi'), 'messages.0: Input should be a valid dictionary'],
    [messages({ content: 'hi' }), 'messages.0.role: Field required'],
    [messages({ role: 'user' }), 'messages.0.content: Field required'],
    [messages({ role: 'tool', content: 'x' }), "messages.0.role: Input should be 'user' or 'assistant'"],
    [
      messages({ role: 'system', content: 'x' }, user('hi')),
      'messages: Unexpected role "system". The Messages API accepts a top-level `system` parameter, not "system" as an input message role.',
    ],
    [
      messages(user('')),
      'messages.0: all messages must have non-empty content except for the optional final assistant message',
    ],
    [
      messages(user('hi'), said(), user('hi')),
      'messages.1: all messages must have non-empty content except for the optional final assistant message',
    ],
    [
      messages(user({ type: 'text', text: 'a' }, { type: 'text', text: '' })),
      'messages: text content blocks must be non-empty',
    ],
    [messages(user({ type: 'text' }, { type: 'text' })), 'messages.0.content.0.text.text: Field required'],
    [messages({ role: 'user', content: 5 }), 'messages.0.content: Input should be a valid list'],
    [
      messages(user('hi'), said({ type: 'text', text: 'Once' })),
      'This model does not support assistant message prefill. The conversation must end with a user message.',
    ],
    [
      messages(user('hi'), said(use), user('hi')),
      'messages.1: `tool_use` ids were found without `tool_result` blocks immediately after: toolu_1. Each `tool_use` block must have a corresponding `tool_result` block in the next message.',
    ],
    [
      messages(user(result, result)),
      'messages.0.content.0: unexpected `tool_use_id` found in `tool_result` blocks: toolu_1. Each `tool_result` block must have a corresponding `tool_use` block in the previous message.',
    ],
    [
      { ...HI, tools: [{ ...WEATHER, name: 'a.b' }] },
      "tools.0.custom.name: String should match pattern '^[a-zA-Z0-9_-]{1,128}$'",
    ],
    [{ ...HI, tools: [{ name: 'x' }] }, 'tools.0.custom.input_schema: Field required'],
    [{ ...HI, tools: [{ name: 'x', input_schema: {} }] }, 'tools.0.custom.input_schema.type: Field required'],
    [{ ...HI, tools: [WEATHER, WEATHER] }, 'tools: Tool names must be unique.'],
    [
      { ...HI, tool_choice: { type: 'any' } },
      'tool_choice: tool_choice may only be specified while providing tools.',
    ],
    [
      { ...HI, tools: [WEATHER], tool_choice: { type: 'tool', name: 'x' } },
      "tool_choice: Tool 'x' not found in provided tools",
    ],
    [
      { ...HI, thinking: { type: 'enabled', budget_tokens: 512 } },
      'thinking.enabled.budget_tokens: Input should be greater than or equal to 1024',
    ],
    [{ ...HI, thinking }, '`max_tokens` must be greater than `thinking.budget_tokens`.'],
    [
      { ...HI, max_tokens: 2000, thinking, tools: [WEATHER], tool_choice: { type: 'any' } },
      'Thinking may not be enabled when tool_choice forces tool use.',
    ],
  ])('%#: %j', (body, message) => {
    expect(refusal(body)).toBe(`400 invalid_request_error: ${message}`);
  });

  it('names the types of blocks that there are', () => {
    expect(refusal(messages(user({ type: 'texxt' }, { type: 'text', text: 'x' })))).toMatch(
      /^400 invalid_request_error: messages\.0\.content\.0: Input tag 'texxt' found using 'type' does not match any of the expected tags: 'bash_code_execution_tool_result', /,
    );
  });

  it('refuses prompts that fill the context, and says by how much', () => {
    const long = { ...HI, model: 'claude-haiku-4-5', messages: [user('word '.repeat(200_000))] };
    expect(refusal(long)).toMatch(
      /^400 invalid_request_error: prompt is too long: 20\d{4} tokens > 200000 maximum$/,
    );
    const nearly = { ...long, max_tokens: 64_000, messages: [user('word '.repeat(190_000))] };
    expect(refusal(nearly)).toMatch(
      /^400 invalid_request_error: input length and `max_tokens` exceed context limit: 19\d{4} \+ 64000 > 200000, decrease input length or `max_tokens` and try again$/,
    );
    expect(refusal({ ...nearly, model: 'claude-opus-5-5' })).toBe('200');
  });
});

describe('models', () => {
  it.each([
    ...['claude-opus-5-5', 'claude-opus-5', 'claude-sonnet-4-20250514', 'claude-haiku-4-5-20251001'],
    ...['claude-3-7-sonnet-latest', 'claude-3-opus-20240229', 'claude-mythos-preview', 'claude-sonnet-4-0'],
  ])('%s exists', (model) => {
    expect(refusal({ ...HI, model })).toBe('200');
  });

  it.each(['claude-nope', 'gpt-5', 'claude-opus', 'claude-opus-5-5-', 'xclaude-opus-5-5', 'claude-4-opus'])(
    '%s does not',
    (model) => {
      expect(refusal({ ...HI, model })).toBe(`404 not_found_error: model: ${model}`);
    },
  );
});

describe('what is allowed', () => {
  it('takes up a prefill for models before 4.6', () => {
    const start = messages(user('hi'), said({ type: 'text', text: 'Once' }));
    expect(refusal({ ...start, model: 'claude-sonnet-4-5' })).toBe('200');
    const blank = messages(user('hi'), said({ type: 'text', text: 'Once ' }));
    expect(refusal({ ...blank, model: 'claude-sonnet-4-5' })).toContain('trailing whitespace');
  });

  it.each<[string, Body]>([
    ['messages of one role in a row', messages(user('a'), user('b'))],
    ['a first message of the assistant', messages(said({ type: 'text', text: 'a' }), user('b'))],
    [
      'results of one turn in two messages',
      messages(
        user('a'),
        said(use, { ...use, id: 'toolu_2' }),
        user(result, { type: 'text', text: 'x' }),
        user({ ...result, tool_use_id: 'toolu_2' }, { type: 'text', text: 'x' }),
      ),
    ],
    ['tools that the API defines', { ...HI, tools: [{ type: 'web_search_20250305', name: 'web_search' }] }],
    ['fields that are null', { ...HI, system: null, tools: null, thinking: null, stop_sequences: null }],
  ])('%s', (_, body) => {
    expect(refusal(body)).toBe('200');
  });

  it('with a beta: fields, blocks and roles that are not known here', () => {
    const beta = { headers: { 'anthropic-beta': 'something-2027-01-01' } };
    const body = {
      ...messages({ role: 'system', content: 'x' }, user({ type: 'new' }, { type: 'newer' })),
      field: 1,
    };
    expect(refusal(body)).toMatch(/^400/);
    expect(refusal(body, beta)).toBe('200');
    expect(refusal({ ...HI, model: undefined }, beta)).toContain('model: Field required');
  });

  it('with a beta: more thinking than one answer holds', () => {
    const headers = { 'anthropic-beta': 'interleaved-thinking-2025-05-14' };
    expect(refusal({ ...HI, thinking }, { headers })).toBe('200');
  });
});

describe('count_tokens', () => {
  const count = { target: '/v1/messages/count_tokens' };
  const { max_tokens: _, ...counted } = HI;

  it('agrees with the usage of the message', () => {
    const tools = [WEATHER];
    const body = { ...counted, system: 'Be brief.', tools, messages: [user('What is the weather?')] };
    const usage = json(call({ ...body, max_tokens: 50 })).usage;
    expect(json(call(body, count))).toEqual({ input_tokens: usage.input_tokens });
    expect(usage.input_tokens).toBeGreaterThan(json(call(counted, count)).input_tokens);
  });

  it('makes no answer, so takes no field for one', () => {
    expect(refusal(HI, count)).toBe('400 invalid_request_error: max_tokens: Extra inputs are not permitted');
    expect(refusal({ ...counted, model: undefined }, count)).toContain('model: Field required');
  });
});
