import { ANY_CALL, STREAMS } from './calls.ts';
import { githubIssue, type Scenario } from './scenario.ts';

export const overloadInStream: Scenario = {
  name: 'overload-in-stream',
  summary: 'Streams begin with HTTP 200 and then say `event: error`, as the first frame or after some text.',
  story:
    'The status was 200, so no official SDK retries it, even when the error is the first thing on the stream. The next attempt was clean.',
  sources: [
    githubIssue('vercel/ai', 10653),
    githubIssue('byte5ai/omadia', 122),
    githubIssue('anthropics/anthropic-sdk-python', 1918),
  ],
  chosen:
    'The share: every third stream, so that the next attempt is clean; in half of them the error comes first, else after 120 characters.',
  goodClient: 'Sends the request again if nothing was shown; never presents partial text as complete.',
  phases: [
    {
      name: 'streams',
      summary: 'Every third stream breaks off with `overloaded_error`; calls that are not streamed pass.',
      rules: [
        {
          when: STREAMS,
          trigger: { every: 3 },
          outcomes: [
            { weight: 1, fault: { kind: 'stream-error', before: 'first_event', error: 'overloaded_error' } },
            { weight: 1, fault: { kind: 'stream-error', after: { text: 120 }, error: 'overloaded_error' } },
          ],
        },
        { part: 'other', when: ANY_CALL, pass: true },
      ],
    },
  ],
};
