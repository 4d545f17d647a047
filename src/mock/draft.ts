/** Decides what an answer holds before `max_tokens` and stop sequences cut it: thoughts, text, tool calls. */
import type { Json } from './json-body.ts';
import type { MessagesRequest, Tool } from './messages-request.ts';
import { type Call, type Prompt, readPrompt } from './prompt.ts';
import { announceCall, writeAnswer, writeThoughts } from './prose.ts';
import { sampleJson } from './sample-json.ts';

/** One block of the answer. */
export type Draft =
  | { readonly type: 'thinking'; readonly text: string; readonly shown: boolean }
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'tool_use'; readonly name: string; readonly input: Json };

/** Inputs for tools that the API defines and that clients carry out; they read, they change nothing. */
const DEFINED_INPUTS: readonly [prefix: string, input: Json][] = [
  ['bash_', { command: 'echo stand-in' }],
  ['text_editor_', { command: 'view', path: '.' }],
  ['memory_', { command: 'view', path: '/memories' }],
  ['computer_2', { action: 'screenshot' }],
];

/**
 * The blocks of an answer. Tools are called when `tool_choice` forces one, or when the last message holds the
 * directive `tool=NAME`: never unasked, since an agent would carry out whatever the stand-in made up.
 */
export function draftAnswer(request: MessagesRequest): readonly Draft[] {
  const prompt = readPrompt(request);
  const calls = draftCalls(request, prompt);
  const forced = request.toolChoice.type === 'any' || request.toolChoice.type === 'tool';
  const blocks: Draft[] = [];
  if (thinks(request, prompt)) {
    blocks.push({ type: 'thinking', text: writeThoughts(prompt.text), shown: request.thinking.shown });
  }
  if (calls.length === 0) blocks.push({ type: 'text', text: draftText(request, prompt) });
  else if (!forced) blocks.push({ type: 'text', text: announceCall(calls.map((call) => call.name)) });
  return [...blocks, ...calls];
}

function thinks({ thinking, toolChoice }: MessagesRequest, prompt: Prompt): boolean {
  if (toolChoice.type === 'any' || toolChoice.type === 'tool') return false;
  if (thinking.type === 'between_tools') return prompt.toolResult !== undefined;
  return thinking.type !== 'disabled';
}

function draftText({ schema }: MessagesRequest, prompt: Prompt): string {
  if (schema) return JSON.stringify(sampleJson(schema));
  return writeAnswer(prompt.text, prompt.toolResult, prompt.words);
}

function draftCalls(request: MessagesRequest, prompt: Prompt): readonly (Draft & { type: 'tool_use' })[] {
  const { toolChoice } = request;
  const tools = request.tools.filter(isCallable);
  const asked = prompt.calls.flatMap((call) => draftCall(call, tools));
  if (toolChoice.type === 'none') return [];
  if (toolChoice.type === 'auto') {
    if (prompt.toolResult !== undefined) return [];
    return toolChoice.parallel ? asked : asked.slice(0, 1);
  }
  const name = toolChoice.name ?? asked[0]?.name ?? tools[0]?.name;
  const input = asked.find((call) => call.name === name)?.input;
  return name === undefined ? [] : draftCall({ name, input }, tools);
}

function draftCall(call: Call, tools: readonly Tool[]): readonly (Draft & { type: 'tool_use' })[] {
  const tool = tools.find(({ name }) => name === call.name);
  return tool ? [{ type: 'tool_use', name: tool.name, input: call.input ?? sampleInput(tool) }] : [];
}

/** Tools that run at the API's side (web search and the like) cannot be stood in for. */
function isCallable(tool: Tool): boolean {
  return tool.type === 'custom' || DEFINED_INPUTS.some(([prefix]) => tool.type.startsWith(prefix));
}

function sampleInput(tool: Tool): Json {
  if (tool.inputSchema) return sampleJson(tool.inputSchema) as Json;
  return DEFINED_INPUTS.find(([prefix]) => tool.type.startsWith(prefix))?.[1] ?? {};
}
