/**
 * Finds `content_block_delta` events that lie one behind the other, in the very form in which the API writes them:
 * nine of ten events of a stream are such, and whoever only counts them needs no frame for each.
 * Form: platform.claude.com/docs/en/build-with-claude/streaming.
 */

/** How each begins, in words of four bytes, little-endian. */
const BEGINNING = wordsOf('event: content_block_delta\ndata:');
const BEGINNING_BYTES = 4 * BEGINNING.length;

const LF = 10;
const SPACE = 32;
/** Four of a byte, as they lie in a word. */
const SPACES = 0x20202020;
const HIGH_BITS = 0x80808080 | 0;

function wordsOf(text: string): Int32Array {
  const bytes = Buffer.from(text, 'latin1');
  return Int32Array.from({ length: bytes.length / 4 }, (_, i) => bytes.readInt32LE(4 * i));
}

/** Searches one piece of a stream after the other. */
export class DeltaRun {
  /** Deltas that the last search passed over. */
  count = 0;
  #bytes: Buffer | undefined;
  #view: DataView | undefined;

  /**
   * Passes over deltas that lie whole in `bytes[at, end)`.
   *
   * @param at where an event begins
   * @param most how many to pass over at most
   * @returns index behind the last of them; `at` when there is none
   */
  find(bytes: Buffer, at: number, end: number, most = Number.POSITIVE_INFINITY): number {
    let view = this.#view;
    if (view === undefined || bytes !== this.#bytes) {
      view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
      this.#bytes = bytes;
      this.#view = view;
    }
    let count = 0;
    let behind = at;
    while (count < most) {
      const next = behindDelta(view, behind, end);
      if (next < 0) break;
      behind = next;
      count++;
    }
    this.count = count;
    return behind;
  }

  /** Lets go of the bytes. */
  forget(): void {
    this.#bytes = undefined;
    this.#view = undefined;
  }
}

/** @returns index behind the delta that begins at `at` and ends before `end`, or -1 */
function behindDelta(view: DataView, at: number, end: number): number {
  if (at + BEGINNING_BYTES > end) return -1;
  for (let i = 0; i < BEGINNING.length; i++) if (view.getInt32(at + 4 * i, true) !== BEGINNING[i]) return -1;
  // JSON has no control character but between its tokens, where the API writes none: the first one is the line end.
  let i = at + BEGINNING_BYTES;
  for (; i + 4 <= end; i += 4) {
    const word = view.getInt32(i, true);
    // The lowest byte that is marked is a control character; those above it may be marked for its sake.
    const marked = (word - SPACES) & ~word & HIGH_BITS;
    if (marked === 0) continue;
    return behindBlankLine(view, i + ((31 - Math.clz32(marked & -marked)) >> 3), end);
  }
  for (; i < end; i++) if (view.getUint8(i) < SPACE) return behindBlankLine(view, i, end);
  return -1;
}

/** @returns index behind two LFs at `at`, or -1 */
function behindBlankLine(view: DataView, at: number, end: number): number {
  const ends = at + 2 <= end && view.getUint8(at) === LF && view.getUint8(at + 1) === LF;
  return ends ? at + 2 : -1;
}
