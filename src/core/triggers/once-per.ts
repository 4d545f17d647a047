import { z } from 'zod';
import { defineTrigger } from './trigger.ts';

/** Conversations remembered per rule; the one longest not seen is forgotten first. */
const REMEMBERED = 10_000;

/** Fires once in each conversation. */
export const oncePer = defineTrigger({
  key: 'once_per',
  summary:
    'Fires once per conversation: told by the client’s session-id header, else by system prompt and first message; a turn of a message thread (`thread.previous_message_id`) is of the conversation that its thread began with. Calls without a conversation, and turns of a thread of which no answer was seen, never fire, and what could not take hold does not count. The last 10,000 are remembered.',
  params: z.literal('conversation'),
  examples: ['conversation'],
  compile: (_params, _lane, notes) => {
    /** The match that it fired on. */
    const done = notes(REMEMBERED);
    return {
      fires: ({ conversation }) => conversation !== undefined && done.get(conversation) === undefined,
      fired: ({ conversation, nth }) => {
        if (conversation !== undefined && done.get(conversation) === undefined) done.set(conversation, nth);
      },
      unfired: ({ conversation, nth }) => {
        if (conversation !== undefined && done.get(conversation) === nth) done.delete(conversation);
      },
      couldFire: () => true,
      explain: () => 'once per conversation',
      why: ({ conversation }) =>
        conversation === undefined
          ? 'it is not known to which conversation the call belongs'
          : 'fires once per conversation',
    };
  },
  needsBody: true,
});
