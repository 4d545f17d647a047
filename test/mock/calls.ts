/** Calls to the stand-in's pure side, without HTTP. */
import { type ApiAnswer, type ApiRequest, isStream, type StreamFrame } from '../../src/mock/exchange.ts';
import { respond } from '../../src/mock/respond.ts';

export type Body = Record<string, unknown>;

export const WALL = Date.UTC(2026, 10, 23, 12, 0, 0);

/** A good request, to be changed. */
export const HI: Body = {
  model: 'claude-opus-5-5',
  max_tokens: 500,
  messages: [{ role: 'user', content: 'hi' }],
};

export interface CallOptions {
  readonly method?: string;
  readonly target?: string;
  /** Added to a key and a version; undefined takes one away. */
  readonly headers?: Record<string, string | undefined>;
  readonly seed?: string;
  readonly padding?: boolean;
  readonly bodyProblem?: NonNullable<ApiRequest['bodyProblem']>;
}

/** @param body JSON unless it is text already */
export function call(body: Body | string | undefined, options: CallOptions = {}): ApiAnswer {
  const headers: Record<string, string | undefined> = {
    'x-api-key': 'dummy',
    'anthropic-version': '2023-06-01',
    ...options.headers,
  };
  const text = typeof body === 'string' ? body : body === undefined ? '' : JSON.stringify(body);
  const request: ApiRequest = {
    method: options.method ?? 'POST',
    target: options.target ?? '/v1/messages',
    header: (name) => headers[name],
    body: Buffer.from(text),
    ...(options.bodyProblem ? { bodyProblem: options.bodyProblem } : {}),
  };
  return respond(request, { seed: options.seed ?? 'test', padding: options.padding ?? true }, WALL);
}

/** The whole answer's JSON. */
// biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
export function json(answer: ApiAnswer): any {
  if (isStream(answer)) throw new Error('a stream, not a whole answer');
  return JSON.parse(answer.body);
}

export function frames(answer: ApiAnswer): StreamFrame[] {
  if (!isStream(answer)) throw new Error(`no stream: ${answer.status} ${answer.body}`);
  return [...answer.frames()];
}

/** `<status> <type>: <message>` of a refusal. */
export function refusal(body: Body | string | undefined, options?: CallOptions): string {
  const answer = call(body, options);
  if (isStream(answer)) return `${answer.status} stream`;
  const { error } = JSON.parse(answer.body);
  return error ? `${answer.status} ${error.type}: ${error.message}` : `${answer.status}`;
}

export function headerOf(answer: ApiAnswer, name: string): string | undefined {
  return answer.headers.find(([other]) => other.toLowerCase() === name)?.[1];
}

/** A user message. */
export function user(...content: unknown[]): Body {
  return {
    role: 'user',
    content: content.length === 1 && typeof content[0] === 'string' ? content[0] : content,
  };
}

export const WEATHER = {
  name: 'get_weather',
  description: 'Says what the weather is.',
  input_schema: {
    type: 'object',
    properties: { city: { type: 'string' }, days: { type: 'integer', minimum: 3 } },
    required: ['city', 'days'],
  },
};
