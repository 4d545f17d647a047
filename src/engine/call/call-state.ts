/**
 * How far a call has come, in one word. It goes forward only, and each step is made once:
 *
 * - `reading`: its head is here; rules may wait for its body
 * - `deciding`: the rules are asked, and what they say is prepared
 * - `answering`: a fault, the upstream or we ourselves are at it
 * - `answered`: nothing more of an answer is written: it went out whole, or never will, or the stream was handed over
 * - `ending`: it ends before its time, and lets go of what it holds
 * - `told`: its end was told; what is left of its request is read, and dropped
 * - `over`
 *
 * So no way leads to `over` past `told`, and none leads there twice: every call's end is told exactly once.
 */
export type CallState = 'reading' | 'deciding' | 'answering' | 'answered' | 'ending' | 'told' | 'over';

/**
 * What may follow what. A `switch`, since it is asked five times a call: a table of lists costs six times as much.
 *
 * @returns the state after an attempt to enter `to`: the same as before where that may not follow
 */
export function step(from: CallState, to: CallState): CallState {
  switch (from) {
    case 'reading':
      return to === 'deciding' || to === 'ending' ? to : from;
    case 'deciding':
      return to === 'answering' || to === 'ending' ? to : from;
    case 'answering':
      return to === 'answered' || to === 'ending' ? to : from;
    case 'answered':
      return to === 'told' || to === 'ending' ? to : from;
    case 'ending':
      return to === 'told' ? to : from;
    case 'told':
      return to === 'over' ? to : from;
    case 'over':
      return from;
  }
}
