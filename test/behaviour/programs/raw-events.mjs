// Reads the events of a raw stream as a program would that goes by `type`: text, stop reason, and what it cannot know.

const KNOWN = new Set([
  'message_start',
  'content_block_start',
  'content_block_delta',
  'content_block_stop',
  'message_delta',
  'message_stop',
  'ping',
]);

/** Fills `seen` from one event. */
export function readEvent(seen, event) {
  if (event.type === 'message_start') {
    if (seen.returned === 'events') seen.notes.push('yields the second message_start');
    seen.returned = 'events';
  }
  if (event.type === 'message_delta') seen.stop = event.delta.stop_reason;
  if (event.type === 'content_block_delta') {
    if (event.delta.type === 'text_delta') seen.text += event.delta.text;
    else seen.notes.push(`yields ${event.delta.type}`);
    if (event.index > 0) seen.notes.push('yields the delta without a block');
  }
  if (!KNOWN.has(event.type)) seen.notes.push(`yields ${event.type}`);
}
