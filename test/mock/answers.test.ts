import { describe, expect, it } from 'vitest';
import { type Body, call, frames, HI, json, user, WEATHER } from './calls.ts';

const ask = (content: string, more: Body = {}) =>
  json(call({ ...HI, max_tokens: 2000, messages: [user(content)], ...more }));
const textOf = (message: { content: Body[] }) =>
  message.content.map((block) => (block.type === 'text' ? block.text : '')).join('');
const types = (message: { content: Body[] }) => message.content.map((block) => block.type);

describe('text', () => {
  it('says that it is a stand-in, and quotes the prompt', () => {
    const message = ask('How are\n you?');
    expect(textOf(message)).toMatch(/^This is the built-in stand-in for the Claude API, not a model\. /);
    expect(textOf(message)).toContain('You wrote: "How are you?".');
    expect(message).toMatchObject({
      type: 'message',
      role: 'assistant',
      model: 'claude-opus-5-5',
      stop_reason: 'end_turn',
      stop_sequence: null,
    });
    expect(message.id).toMatch(/^msg_01[0-9A-Za-z]{22}$/);
  });

  it('comes in a block of two fields: the AI SDK refuses `citations: null`', () => {
    expect(Object.keys(ask('hi').content[0])).toEqual(['type', 'text']);
    const start = frames(call({ ...HI, stream: true })).find(({ event }) => event === 'content_block_start');
    expect(JSON.parse(start?.data ?? '').content_block).toEqual({ type: 'text', text: '' });
  });

  it('cuts a long quotation between characters', () => {
    const text = textOf(ask('😀'.repeat(200)));
    expect(text).toContain(`"${'😀'.repeat(80)}…"`);
  });

  it('quotes the last text of the last user message', () => {
    const messages = [
      user('first'),
      { role: 'assistant', content: 'x' },
      user({ type: 'text', text: 'reminder' }, { type: 'text', text: 'last' }),
    ];
    expect(textOf(ask('', { messages }))).toContain('You wrote: "last".');
  });

  it.each([1, 2, 13, 200, 5000])('is %i words long when asked', (words) => {
    expect(textOf(ask(`Say words=${words}`, { max_tokens: 64_000 })).split(' ')).toHaveLength(words);
  });

  it('differs from prompt to prompt', () => {
    const endings = ['a', 'b', 'c', 'd'].map((prompt) => textOf(ask(prompt)).split('". ')[1]);
    expect(new Set(endings).size).toBeGreaterThan(1);
  });
});

describe('max_tokens', () => {
  it.each([1, 2, 10, 50])('%i: cuts there', (limit) => {
    const message = ask('hi', { max_tokens: limit });
    expect(message.stop_reason).toBe('max_tokens');
    expect(message.usage.output_tokens).toBe(limit);
    expect(textOf(ask('hi')).startsWith(textOf(message))).toBe(true);
    expect(textOf(message).length).toBeGreaterThan(0);
  });

  it('exactly enough is enough', () => {
    const { usage } = ask('hi');
    expect(ask('hi', { max_tokens: usage.output_tokens }).stop_reason).toBe('end_turn');
    expect(ask('hi', { max_tokens: usage.output_tokens - 1 }).stop_reason).toBe('max_tokens');
  });

  it('holds for all blocks together', () => {
    const thoughts = ask('hi', { thinking: { type: 'adaptive' } });
    const limit = thoughts.usage.output_tokens_details.thinking_tokens;
    const cut = ask('hi', { thinking: { type: 'adaptive' }, max_tokens: limit });
    expect(types(cut)).toEqual(['thinking']);
    expect(cut.stop_reason).toBe('max_tokens');
    expect(types(ask('hi', { thinking: { type: 'adaptive' }, max_tokens: limit + 1 }))).toEqual([
      'thinking',
      'text',
    ]);
  });

  it('leaves no half of a tool input', () => {
    const forced = { tools: [WEATHER], tool_choice: { type: 'any' }, max_tokens: 2 };
    const message = ask('hi', forced);
    expect(message.content).toMatchObject([{ type: 'tool_use', input: {} }]);
    expect(message.stop_reason).toBe('max_tokens');
  });
});

describe('stop sequences', () => {
  it('end the text before the one that comes first', () => {
    const message = ask('hi', { stop_sequences: ['model', 'stand-in', 'nowhere'] });
    expect(textOf(message)).toBe('This is the built-in ');
    expect(message).toMatchObject({ stop_reason: 'stop_sequence', stop_sequence: 'stand-in' });
  });

  it('may leave nothing', () => {
    const message = ask('hi', { stop_sequences: ['This'] });
    expect(message).toMatchObject({ content: [], stop_reason: 'stop_sequence', usage: { output_tokens: 0 } });
  });

  it('count only if they are reached', () => {
    const message = ask('hi', { stop_sequences: ['stand-in'], max_tokens: 2 });
    expect(message).toMatchObject({ stop_reason: 'max_tokens', stop_sequence: null });
  });
});

describe('tools', () => {
  const tools = [{ ...WEATHER, name: 'first' }, WEATHER];
  const call1 = { type: 'tool_use', id: 'toolu_1', name: 'get_weather', input: {} };
  const result = {
    type: 'tool_result',
    tool_use_id: 'toolu_1',
    content: [{ type: 'text', text: 'Rain tool=first' }],
  };

  it.each([
    [{ type: 'any' }, 'first'],
    [{ type: 'tool', name: 'get_weather' }, 'get_weather'],
  ])('%j calls one, and says nothing else', (tool_choice, name) => {
    const message = ask('hi', { tools, tool_choice });
    expect(message.stop_reason).toBe('tool_use');
    expect(message.content).toEqual([
      {
        type: 'tool_use',
        id: expect.stringMatching(/^toolu_01[0-9A-Za-z]{22}$/),
        name,
        input: { city: 'stand-in', days: 3 },
        caller: { type: 'direct' },
      },
    ]);
  });

  it('are left alone unless asked for', () => {
    expect(types(ask('get_weather, please', { tools }))).toEqual(['text']);
    expect(types(ask('tool=unknown', { tools }))).toEqual(['text']);
    expect(types(ask('tool=first', { tools, tool_choice: { type: 'none' } }))).toEqual(['text']);
    expect(types(ask('tool=first'))).toEqual(['text']);
  });

  it('are called by directive, with the input that it gives', () => {
    const message = ask('do tool=get_weather {"city": "a}b", "days": {"n": 1}} and tool=first now', {
      tools,
    });
    expect(message.stop_reason).toBe('tool_use');
    expect(message.content).toMatchObject([
      { type: 'text', text: 'The stand-in was asked to call get_weather and first, so here it is.' },
      { type: 'tool_use', name: 'get_weather', input: { city: 'a}b', days: { n: 1 } } },
      { type: 'tool_use', name: 'first', input: { city: 'stand-in', days: 3 } },
    ]);
    expect(message.content[1].id).not.toBe(message.content[2].id);
  });

  it('are called one at a time when the request says so', () => {
    const tool_choice = { type: 'auto', disable_parallel_tool_use: true };
    const message = ask('tool=get_weather tool=first', { tools, tool_choice });
    expect(types(message)).toEqual(['text', 'tool_use']);
  });

  it('that brought a result are not called again', () => {
    const messages = [
      user('tool=first'),
      { role: 'assistant', content: [call1] },
      { role: 'user', content: [result] },
    ];
    const message = ask('', { tools, messages });
    expect(types(message)).toEqual(['text']);
    expect(textOf(message)).toContain('The tool answered: "Rain tool=first".');
    expect(message.stop_reason).toBe('end_turn');
  });

  it('that the API runs itself are never called', () => {
    const server = [{ type: 'web_search_20250305', name: 'web_search' }];
    expect(types(ask('tool=web_search', { tools: server }))).toEqual(['text']);
    const bash = [...server, { type: 'bash_20250124', name: 'bash' }];
    expect(ask('hi', { tools: bash, tool_choice: { type: 'any' } }).content).toMatchObject([
      { name: 'bash', input: { command: 'echo stand-in' } },
    ]);
  });
});

describe('thinking', () => {
  it.each([{ type: 'adaptive' }, { type: 'enabled', budget_tokens: 1024 }])(
    '%j comes first, signed',
    (thinking) => {
      const message = ask('hi', { thinking });
      expect(types(message)).toEqual(['thinking', 'text']);
      expect(message.content[0].thinking).toContain('The user wants an answer.');
      expect(message.content[0].signature).toMatch(/^[A-Za-z0-9+/]{256}$/);
      expect(message.usage.output_tokens_details.thinking_tokens).toBeGreaterThan(10);
    },
  );

  it('can be kept from view, and counts all the same', () => {
    const hidden = ask('hi', { thinking: { type: 'adaptive', display: 'omitted' } });
    expect(hidden.content[0].thinking).toBe('');
    expect(hidden.usage).toEqual(ask('hi', { thinking: { type: 'adaptive' } }).usage);
  });

  it('is not done unasked, nor where a tool is forced', () => {
    expect(types(ask('hi', { thinking: { type: 'disabled' } }))).toEqual(['text']);
    expect(types(ask('hi', { thinking: { type: 'between_tools' } }))).toEqual(['text']);
    const forced = { thinking: { type: 'adaptive' }, tools: [WEATHER], tool_choice: { type: 'any' } };
    expect(types(ask('hi', forced))).toEqual(['tool_use']);
  });
});

describe('structured output', () => {
  const schema = { type: 'object', properties: { title: { type: 'string' } }, required: ['title'] };
  it.each<[string, Body]>([
    ['output_config', { output_config: { format: { type: 'json_schema', schema } } }],
    ['output_format', { output_format: { type: 'json_schema', schema } }],
  ])('%s is followed', (_, more) => {
    const headers = { 'anthropic-beta': 'structured-outputs-2025-11-13' };
    const answer = call({ ...HI, ...more }, { headers });
    expect(JSON.parse(textOf(json(answer)))).toEqual({ title: 'stand-in' });
  });
});
