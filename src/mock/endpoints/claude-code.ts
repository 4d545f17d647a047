/**
 * What Claude Code asks for besides messages, on its start: answers that set nothing and switch nothing on. It works with
 * them as it does with none; the real ones are not known but for their form.
 */
export interface PlainAnswer {
  readonly methods: readonly string[];
  /** JSON; undefined: 204, there is nothing. */
  readonly body: string | undefined;
}

const READ = ['GET', 'HEAD'] as const;
const SENT: PlainAnswer = { methods: ['POST'], body: '{}' };
const NOTHING_SET: PlainAnswer = { methods: READ, body: undefined };

const ANSWERS: ReadonlyMap<string, PlainAnswer> = new Map([
  ['/api/claude_code/settings', NOTHING_SET],
  ['/api/claude_code/policy_limits', { methods: READ, body: '{"restrictions":{}}' }],
  [
    '/api/claude_code/organizations/metrics_enabled',
    { methods: READ, body: '{"metrics_logging_enabled":false}' },
  ],
  ['/api/claude_code_penguin_mode', { methods: READ, body: '{"enabled":false,"disabled_reason":null}' }],
  [
    '/api/claude_cli/bootstrap',
    { methods: READ, body: '{"client_data":null,"additional_model_options":[]}' },
  ],
  ['/api/directory/server-urls', { methods: READ, body: '{"urls":[]}' }],
  ['/api/event_logging/batch', SENT],
  ['/api/event_logging/v2/batch', SENT],
]);

/** @returns undefined for a path that is none of these */
export function claudeCodeAnswer(path: string): PlainAnswer | undefined {
  // The rest of the path is a key of the client's.
  return path.startsWith('/api/eval/')
    ? { methods: ['GET', 'POST'], body: '{"features":{}}' }
    : ANSWERS.get(path);
}
