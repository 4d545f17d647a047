/**
 * Checks the body of POST /v1/messages and …/count_tokens and gives it in the form that the rest reads.
 * Order: shape, unknown fields, model, the conversation as a whole. Which check wins in reality is not known.
 */
import type { Json } from '../json-body.ts';
import type { MessagesRequest, Thinking } from '../messages-request.ts';
import { findModel, type Model } from '../models.ts';
import { ApiRefusal, invalid } from '../refusal.ts';
import * as check from './check.ts';
import { checkPairing, checkPrefill } from './conversation.ts';
import { parseMessages, parseSystem } from './messages.ts';
import type { ParseContext } from './parse-context.ts';
import { parseToolChoice, parseTools } from './tools.ts';

const SHARED_FIELDS = [
  ...['model', 'messages', 'system', 'tools', 'tool_choice', 'thinking', 'cache_control', 'output_config'],
  ...['speed', 'user_profile_id', 'workspace_id', 'context_management', 'mcp_servers'],
];
const CREATE_FIELDS = [
  ...['max_tokens', 'stream', 'stop_sequences', 'metadata', 'service_tier', 'container', 'inference_geo'],
  ...['diagnostics'],
];
/** Gone since version 2026-10-21, at any value. */
const SAMPLING_FIELDS = ['temperature', 'top_p', 'top_k'];

/**
 * @throws {ApiRefusal} 400 for what is wrong with the request, 404 for a model that does not exist
 */
export function parseRequest(json: Json, context: ParseContext): MessagesRequest {
  const create = context.endpoint === 'messages';
  const modelId = check.nonEmptyString(check.required(json, 'model'), 'model');
  const maxTokens = create ? check.integer(check.required(json, 'max_tokens'), 'max_tokens', 1) : 1;
  const messages = parseMessages(check.required(json, 'messages'), context);
  const system = parseSystem(json.system);
  const tools = parseTools(json.tools, context.beta);
  const toolChoice = parseToolChoice(json.tool_choice, tools);
  const thinking = parseThinking(json.thinking, budgetLimit(maxTokens, context));
  const stopSequences = check.optional(json.stop_sequences, parseStopSequences) ?? [];
  const stream = check.optional(json.stream, (value) => check.boolean(value, 'stream')) ?? false;
  const schema = parseSchema(json);
  const cacheControl = check.optional(json.cache_control, (value) => check.object(value, 'cache_control'));
  check.optional(json.metadata, (value) => check.object(value, 'metadata'));
  checkSampling(json, context);
  checkExtras(json, context, create);
  if (thinking.type === 'enabled' && (toolChoice.type === 'any' || toolChoice.type === 'tool')) {
    throw invalid('Thinking may not be enabled when tool_choice forces tool use.');
  }
  const model = findModel(modelId);
  if (!model) throw new ApiRefusal('not_found_error', `model: ${modelId}`);
  checkMaxTokens(maxTokens, model, context.beta);
  checkPairing(messages);
  checkPrefill(messages, model);
  return {
    model,
    maxTokens,
    messages,
    system,
    tools,
    toolChoice,
    thinking,
    stopSequences,
    stream,
    schema,
    cacheControl,
  };
}

function parseStopSequences(value: unknown): readonly string[] {
  return check.list(value, 'stop_sequences').map((entry, index) => {
    const text = check.string(entry, `stop_sequences.${index}`);
    if (text.trim() === '') throw invalid('stop_sequences: each stop sequence must contain non-whitespace');
    return text;
  });
}

/**
 * What the thinking budget must stay below; nothing where no answer is made, or where a beta lets it span several
 * turns.
 */
function budgetLimit(maxTokens: number, { endpoint, beta }: ParseContext): number {
  const unlimited = endpoint === 'count_tokens' || beta?.includes('interleaved-thinking');
  return unlimited ? Number.POSITIVE_INFINITY : maxTokens;
}

function parseThinking(value: unknown, maxTokens: number): Thinking {
  const config = check.optional(value, (given) => check.object(given, 'thinking'));
  if (!config) return { type: 'disabled', shown: false };
  const type = check.tag(config, 'thinking', ['adaptive', 'between_tools', 'disabled', 'enabled']);
  if (type === 'enabled') {
    const path = 'thinking.enabled.';
    const budget = check.integer(check.required(config, 'budget_tokens', path), `${path}budget_tokens`, 1024);
    if (budget >= maxTokens) {
      throw invalid('`max_tokens` must be greater than `thinking.budget_tokens`.');
    }
  }
  return { type: type as Thinking['type'], shown: config.display !== 'omitted' };
}

/** The schema of `output_config.format`, or of its older form `output_format`. */
function parseSchema(json: Json): Json | undefined {
  const config = check.optional(json.output_config, (value) => check.object(value, 'output_config'));
  const path = config?.format ? 'output_config.format' : 'output_format';
  const format = check.optional(config?.format ?? json.output_format, (value) => check.object(value, path));
  if (!format) return undefined;
  check.tag(format, path, ['json_schema']);
  return check.object(check.required(format, 'schema', `${path}.`), `${path}.schema`);
}

function checkSampling(json: Json, { version }: ParseContext): void {
  if (version !== '2023-06-01') return;
  check.optional(json.temperature, (value) => check.number(value, 'temperature', 0, 1));
  check.optional(json.top_p, (value) => check.number(value, 'top_p', 0, 1));
  check.optional(json.top_k, (value) => check.integer(value, 'top_k', 0));
}

function checkExtras(json: Json, { version, beta }: ParseContext, create: boolean): void {
  for (const name of Object.keys(json)) {
    if (SHARED_FIELDS.includes(name)) continue;
    if (create && CREATE_FIELDS.includes(name)) continue;
    const sampling = SAMPLING_FIELDS.includes(name);
    if (sampling && create && version === '2023-06-01') continue;
    if (beta !== undefined && !sampling) continue;
    throw invalid(`${name}: Extra inputs are not permitted`);
  }
}

function checkMaxTokens(maxTokens: number, model: Model, beta: string | undefined): void {
  const limit = beta?.includes('output-128k') ? Math.max(model.maxTokens, 128_000) : model.maxTokens;
  if (maxTokens <= limit) return;
  throw invalid(
    `max_tokens: ${maxTokens} > ${limit}, which is the maximum allowed number of output tokens for ${model.id}`,
  );
}
