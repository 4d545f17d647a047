/** Checks `tools` and `tool_choice`. */
import type { Json } from '../json-body.ts';
import type { Tool, ToolChoice } from '../messages-request.ts';
import { invalid } from '../refusal.ts';
import * as check from './check.ts';

const NAME = /^[a-zA-Z0-9_-]{1,128}$/;
/** Tools that the API defines carry a date: `bash_20250124`. */
const DEFINED_TYPE = /^[a-z_0-9]+_\d{8}$/;

/** @throws {ApiRefusal} 400 */
export function parseTools(value: unknown, beta: string | undefined): readonly Tool[] {
  const entries = check.optional(value, (given) => check.list(given, 'tools')) ?? [];
  const tools = entries.map((entry, index) => parseTool(check.object(entry, `tools.${index}`), index, beta));
  const names = new Set(tools.map((tool) => tool.name));
  if (names.size < tools.length) throw invalid('tools: Tool names must be unique.');
  return tools;
}

function parseTool(json: Json, index: number, beta: string | undefined): Tool {
  const type = json.type ?? 'custom';
  if (type !== 'custom') {
    if (typeof type !== 'string' || !(beta !== undefined || DEFINED_TYPE.test(type))) {
      throw invalid(
        `tools.${index}: Input tag '${String(type)}' found using 'type' does not match any of the expected tags: 'custom'`,
      );
    }
    // A toolset has no name of its own.
    const name = check.optional(json.name, (given) => check.string(given, `tools.${index}.${type}.name`));
    return { name: name ?? type, type, inputSchema: undefined, json };
  }
  const path = `tools.${index}.custom.`;
  const name = check.string(check.required(json, 'name', path), `${path}name`);
  if (!NAME.test(name)) throw invalid(`${path}name: String should match pattern '${NAME.source}'`);
  const inputSchema = check.object(check.required(json, 'input_schema', path), `${path}input_schema`);
  check.required(inputSchema, 'type', `${path}input_schema.`);
  if (inputSchema.type !== 'object') throw invalid(`${path}input_schema.type: Input should be 'object'`);
  return { name, type: 'custom', inputSchema, json };
}

/** @throws {ApiRefusal} 400 */
export function parseToolChoice(value: unknown, tools: readonly Tool[]): ToolChoice {
  const choice = check.optional(value, (given) => check.object(given, 'tool_choice'));
  if (!choice) return { type: 'auto', parallel: true };
  const type = check.tag(choice, 'tool_choice', ['any', 'auto', 'none', 'tool']) as ToolChoice['type'];
  if (tools.length === 0 && type !== 'none') {
    throw invalid('tool_choice: tool_choice may only be specified while providing tools.');
  }
  const parallel = choice.disable_parallel_tool_use !== true;
  if (type !== 'tool') return { type, parallel };
  const name = check.string(check.required(choice, 'name', 'tool_choice.tool.'), 'tool_choice.tool.name');
  if (!tools.some((tool) => tool.name === name)) {
    throw invalid(`tool_choice: Tool '${name}' not found in provided tools`);
  }
  return { type, name, parallel };
}
