/** Broken bodies of calls without a stream: HTTP 200, and the answer is not one. */
import type { Stimulus } from '../stimulus.ts';

export const bodyStimuli: readonly Stimulus[] = [
  { title: 'nothing' },
  { title: 'error envelope with status 200', fault: { kind: 'body-error', error: 'overloaded_error' } },
  { title: 'HTML page with status 200', fault: { kind: 'body-html' } },
  { title: 'empty body', fault: { kind: 'body-empty' } },
  {
    title: 'JSON cut short of its content-length',
    fault: { kind: 'body-truncated', content_length: 'kept' },
    hasten: true,
  },
  {
    title: 'JSON cut, content-length true',
    fault: { kind: 'body-truncated', content_length: 'exact' },
    hasten: true,
  },
  { title: 'complete, but no JSON', fault: { kind: 'body-not-json' }, hasten: true },
  { title: 'content null', fault: { kind: 'body-fields', null: ['content'] } },
  { title: 'no usage', fault: { kind: 'body-fields', missing: ['usage'] } },
];
