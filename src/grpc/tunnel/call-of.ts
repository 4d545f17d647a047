/** What a tunnel has to know of the call in it. */
import type { ServedCall } from '../../engine/upstream/bound-upstream.ts';
import type { Moment } from './turn.ts';

/** How far its request has come. */
export function callOf(call: ServedCall): Moment['call'] {
  if (call.requestDone) return 'read';
  const bodySeen = call.reporter.bytesUp > call.head.raw.length;
  // A call that is passed on gets its `100` late or never: the client sends its body unasked after a while, as it must
  // (RFC 9110 §10.1.1), and that body's first block may need what we hold of the head.
  const answered = !call.progress.forwarded;
  return call.head.expectContinue && !bodySeen && answered ? 'expecting' : 'reading';
}
