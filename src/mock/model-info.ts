/** What GET /v1/models says of a model: the fields of `ModelInfo` in the official TypeScript SDK 1.12.0. */
import type { Json } from './json-body.ts';
import type { Model } from './models.ts';

/** Release dates are known only from an id; the API documents the epoch for a date that is not known. */
const UNKNOWN_DATE = '1970-01-01T00:00:00Z';

export function modelInfo(model: Model): Json {
  return {
    type: 'model',
    id: model.id,
    display_name: displayName(model),
    created_at: createdAt(model.id),
    lifecycle: 'active',
    deprecated_at: null,
    retires_at: null,
    line: model.line,
    max_input_tokens: model.maxInputTokens,
    max_tokens: model.maxTokens,
    capabilities: capabilities(model),
  };
}

function displayName({ id, line, generation }: Model): string {
  const name = `Claude ${line.charAt(0).toUpperCase()}${line.slice(1)}`;
  if (id.endsWith('-preview')) return `${name} Preview`;
  const minor = generation % 100;
  return `${name} ${Math.floor(generation / 100)}${minor > 0 ? `.${minor}` : ''}`;
}

function createdAt(id: string): string {
  const date = /-(\d{4})(\d\d)(\d\d)$/.exec(id);
  return date ? `${date[1]}-${date[2]}-${date[3]}T00:00:00Z` : UNKNOWN_DATE;
}

function capabilities({ generation }: Model): Json {
  const recent = supported(generation >= 406);
  const modern = supported(generation >= 405);
  const yes = supported(true);
  return {
    batch: yes,
    citations: yes,
    code_execution: modern,
    context_management: {
      ...modern,
      clear_thinking_20251015: modern,
      clear_tool_uses_20250919: modern,
      compact_20260112: recent,
    },
    effort: { ...modern, low: modern, medium: modern, high: modern, xhigh: recent, max: recent },
    image_input: yes,
    pdf_input: yes,
    server_tools: { ...modern, code_execution: modern, web_search: modern },
    structured_outputs: modern,
    thinking: {
      ...supported(generation >= 307),
      types: {
        adaptive: recent,
        between_tools: recent,
        disabled: yes,
        enabled: supported(generation >= 307),
      },
    },
  };
}

function supported(is: boolean): { supported: boolean } {
  return { supported: is };
}
