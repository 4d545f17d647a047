/** The tables of `docs/client-behaviour.md`: which stimuli meet which clients. */
import { type Client, streamingClients, wholeClients } from './clients.ts';
import { bodyStimuli } from './stimuli/bodies.ts';
import { retryStimuli } from './stimuli/retries.ts';
import { streamStimuli } from './stimuli/streams.ts';
import type { Stimulus } from './stimulus.ts';

export interface Table {
  readonly title: string;
  readonly text: string;
  readonly stimuli: readonly Stimulus[];
  readonly clients: readonly Client[];
}

export const tables: readonly Table[] = [
  {
    title: 'Broken streams',
    text:
      'Status 200 and headers came, then this. "Raw" is `create` with `stream`, "helper" is `.stream()` with its final ' +
      "message; the AI SDK is `streamText`, read by `fullStream`; LangChain is `stream`. A client's timeout is `timeout` " +
      'of the SDKs (of `clientOptions` in LangChain) and `timeout.chunkMs` of the AI SDK, which has none by default.',
    stimuli: streamStimuli,
    clients: streamingClients,
  },
  {
    title: 'Broken bodies',
    text: 'Calls without a stream: `create`, `generateText` and `invoke`. Every attempt meets the fault.',
    stimuli: bodyStimuli,
    clients: wholeClients,
  },
  {
    title: 'Retries',
    text:
      'Calls without a stream, with the default number of retries. Only the first attempt meets the fault, but for ' +
      'the rows "for ever". The bare statuses come without `x-should-retry`, the 429 with `true`, as from the API.',
    stimuli: retryStimuli,
    clients: wholeClients,
  },
];
