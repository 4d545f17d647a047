/** Checks `messages` and `system`: roles, content and the form of each block. */
import type { Json } from '../json-body.ts';
import type { Turn } from '../messages-request.ts';
import { invalid } from '../refusal.ts';
import * as check from './check.ts';
import type { ParseContext } from './parse-context.ts';

/** Types of content blocks that a request may hold (official TypeScript SDK 1.12.0, without betas). */
const BLOCK_TYPES = [
  ...['bash_code_execution_tool_result', 'code_execution_tool_result', 'container_upload', 'document'],
  ...['image', 'redacted_thinking', 'search_result', 'server_tool_use', 'text'],
  ...['text_editor_code_execution_tool_result', 'thinking', 'tool_result', 'tool_search_tool_result'],
  ...['tool_use', 'web_fetch_tool_result', 'web_search_tool_result'],
];

/** @throws {ApiRefusal} 400 */
export function parseMessages(value: unknown, context: ParseContext): readonly Turn[] {
  const entries = check.list(value, 'messages');
  if (entries.length === 0) throw invalid('messages: at least one message is required');
  return entries.map((entry, index) => {
    const path = `messages.${index}`;
    const message = check.object(entry, path);
    const role = parseRole(check.required(message, 'role', `${path}.`), path, context);
    const content = parseContent(check.required(message, 'content', `${path}.`), `${path}.content`, context);
    const optionalEnd = role === 'assistant' && index === entries.length - 1;
    if (isEmpty(content) && !optionalEnd) {
      throw invalid(
        `${path}: all messages must have non-empty content except for the optional final assistant message`,
      );
    }
    return { role, content };
  });
}

/** @throws {ApiRefusal} 400 */
export function parseSystem(value: unknown): readonly Json[] {
  const given = value ?? [];
  if (typeof given === 'string') return given === '' ? [] : [textBlock(given)];
  return check.list(given, 'system').map((entry, index) => {
    const path = `system.${index}`;
    const block = check.object(entry, path);
    check.tag(block, path, ['text']);
    checkText(block, path, 'system');
    return block;
  });
}

function parseRole(value: unknown, path: string, { version, beta }: ParseContext): Turn['role'] {
  if (value === 'user' || value === 'assistant') return value;
  if (value === 'system') {
    // SDKs that speak the newer version have system messages; before, only the top-level parameter existed.
    if (version !== '2023-06-01' || beta !== undefined) return value;
    throw invalid(
      'messages: Unexpected role "system". The Messages API accepts a top-level `system` parameter, not "system" as an input message role.',
    );
  }
  throw invalid(`${path}.role: Input should be 'user' or 'assistant'`);
}

function parseContent(value: unknown, path: string, { beta }: ParseContext): readonly Json[] {
  if (typeof value === 'string') return [textBlock(value)];
  return check.list(value, path).map((entry, index) => {
    const at = `${path}.${index}`;
    const block = check.object(entry, at);
    if (beta === undefined) check.tag(block, at, BLOCK_TYPES);
    checkBlock(block, at);
    return block;
  });
}

function checkBlock(block: Json, path: string): void {
  switch (block.type) {
    case 'text':
      checkText(block, path, 'messages');
      return;
    case 'tool_use':
      check.string(check.required(block, 'id', `${path}.tool_use.`), `${path}.tool_use.id`);
      check.string(check.required(block, 'name', `${path}.tool_use.`), `${path}.tool_use.name`);
      check.object(check.required(block, 'input', `${path}.tool_use.`), `${path}.tool_use.input`);
      return;
    case 'tool_result':
      check.string(
        check.required(block, 'tool_use_id', `${path}.tool_result.`),
        `${path}.tool_result.tool_use_id`,
      );
      return;
    case 'image':
    case 'document':
      check.object(check.required(block, 'source', `${path}.${block.type}.`), `${path}.${block.type}.source`);
      return;
    case 'thinking':
      check.string(check.required(block, 'signature', `${path}.thinking.`), `${path}.thinking.signature`);
  }
}

function checkText(block: Json, path: string, field: string): void {
  const text = check.string(check.required(block, 'text', `${path}.text.`), `${path}.text.text`);
  if (text === '') throw invalid(`${field}: text content blocks must be non-empty`);
}

function isEmpty(content: readonly Json[]): boolean {
  return content.every((block) => block.type === 'text' && block.text === '');
}

function textBlock(text: string): Json {
  return { type: 'text', text };
}
