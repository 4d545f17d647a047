/**
 * Recognises a head that is, byte for byte, the one before it: a client that repeats a call (a load test, a health
 * check) then costs one comparison instead of one pass. Equal bytes make equal heads, so nothing is trusted here.
 */
import type { RequestHead } from './request-head.ts';
import type { ResponseHead } from './response-head.ts';

/** Heads remembered in vain, one after another, after which a connection is taken not to repeat itself. */
const MAX_IN_VAIN = 4;
/** Longer heads are not worth their memory. */
const MAX_BYTES = 8192;

export class HeadMemo {
  private head: RequestHead | ResponseHead | undefined;
  private bytes: Buffer | undefined;
  private lastLength = 0;
  private inVain = 0;

  /** The remembered head as it lies in `chunk`, if its very bytes are there at `from`. */
  match(chunk: Buffer, from: number): RequestHead | ResponseHead | undefined {
    const { bytes } = this;
    if (bytes === undefined || chunk.length - from < bytes.length) return undefined;
    if (bytes.compare(chunk, from, from + bytes.length) !== 0) return undefined;
    this.inVain = 0;
    return this.head?.at(chunk, from);
  }

  /** Another connection may repeat itself where the last one did not. */
  renew(): void {
    this.inVain = 0;
  }

  /** Bytes of the remembered head. */
  get length(): number {
    return this.bytes?.length ?? 0;
  }

  /** A head of this length had to be read. True when it is worth remembering: it may be a repetition of the last one. */
  wants(length: number): boolean {
    if (this.inVain > MAX_IN_VAIN) return false;
    const repeated = length === this.lastLength && length <= MAX_BYTES;
    this.lastLength = length;
    if (!repeated || ++this.inVain <= MAX_IN_VAIN) return repeated;
    this.head = undefined;
    this.bytes = undefined;
    return false;
  }

  /** Remembers a head; `bytes` must be a copy that nobody else writes to. */
  remember(head: RequestHead | ResponseHead, bytes: Buffer): void {
    this.head = head;
    this.bytes = bytes;
  }
}
