/** What a block of the caller's is answered with on the write path: bytes of the upstream's leg, or a wait for some. */
import { LARGEST_ANSWER } from './tunnel-limits.ts';
import type { UpstreamLeg } from './upstream-leg.ts';
import { AGAIN, HOLD, type Verdict } from './verdict.ts';

/** What is kept back of the bytes for the upstream, for blocks that decrypt to nothing: a record spans two or three. */
const RESERVE = 64;

/** Answers of a stimulus may reach us several at a time; this many are asked for per further answer that we need. */
const SPARE_TICKS = 8;

export class UpstreamBlocks {
  readonly #leg: UpstreamLeg;
  /** Flights of the handshake that the upstream has got. */
  sent = 0;
  byeSent = false;

  constructor(leg: UpstreamLeg) {
    this.#leg = leg;
  }

  /** What lies ready. */
  flush(): Verdict {
    const { out, shaking } = this.#leg;
    if (out.length === 0) return HOLD;
    if (shaking) this.sent += 1;
    return { do: 'send', bytes: out.take() };
  }

  /** A full block must be answered with something, and something must be left for the next one. @param behind not all that the client sent was read yet */
  drip(behind: boolean): Verdict {
    const { out } = this.#leg;
    if (out.length > RESERVE) return { do: 'send', bytes: out.take(out.length - RESERVE) };
    if (out.length > 0) return { do: 'send', bytes: out.take(1) };
    if (behind || !this.#leg.willing) return AGAIN;
    this.#leg.pad();
    return HOLD;
  }

  /** Makes the upstream speak, so that the client can be spoken to. @param owed bytes that the client is to get */
  stimulate(last: boolean, owed: number): Verdict {
    const leg = this.#leg;
    if (leg.due && (leg.out.length > 0 || leg.shaking)) return this.flush();
    if (!leg.willing) {
      if (!leg.over) return HOLD;
      return { do: 'close', reason: 'the upstream is gone, so that nothing more can be said to the client' };
    }
    leg.stimulate(last, 1 + (Math.ceil(owed / LARGEST_ANSWER) - 1) * SPARE_TICKS);
    return HOLD;
  }

  /** Says goodbye to the upstream, which answers, so that the client hears the end. */
  sayBye(): Verdict {
    const leg = this.#leg;
    if (leg.out.length === 0 && (leg.over || leg.shaking || leg.leaving || this.byeSent))
      return { do: 'close', reason: 'the connection was ended' };
    if (!leg.leaving && !leg.over) {
      leg.bye();
      return HOLD;
    }
    this.byeSent = true;
    return { do: 'send', bytes: leg.out.take() };
  }
}
