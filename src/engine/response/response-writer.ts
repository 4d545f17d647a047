/**
 * The last metre of an answer that faults act on: its own framing, then throttle and cut, then the client.
 * Counts every byte of the answer, its head included.
 */
import type { CutEffect } from '../../core/effect.ts';
import type { CallPort } from '../injection/call-port.ts';
import type { Injection } from '../injection/injection.ts';
import type { PlannedEffect, Throttling } from '../plan/effect-sorter.ts';
import { Pacer } from '../transport/pacer.ts';

const LAST_CHUNK = Buffer.from('0\r\n\r\n', 'latin1');

export class ResponseWriter {
  readonly #call: CallPort;
  readonly #injection: Injection;
  readonly #pacer: Pacer | undefined;
  readonly #throttle: Throttling | undefined;
  readonly #cut: PlannedEffect<CutEffect> | undefined;
  readonly #onDrain: () => void;
  #throttled = false;
  #sent = 0;
  #over = false;

  constructor(call: CallPort, injection: Injection, onDrain: () => void) {
    this.#call = call;
    this.#injection = injection;
    this.#onDrain = onDrain;
    const { download, downloadCut } = injection.effects;
    this.#cut = downloadCut;
    this.#throttle = download;
    if (download) {
      const { bytesPerSecond, firstByteMs } = download;
      this.#pacer = new Pacer(call.clock, bytesPerSecond, firstByteMs, (bytes) => this.#send(bytes), onDrain);
    }
  }

  /** True while a speed limit holds bytes back. */
  get busy(): boolean {
    return this.#pacer?.busy === true;
  }

  /** True once a cut ended the connection. */
  get over(): boolean {
    return this.#over;
  }

  /** The head goes out at once: throttles slow bodies. */
  head(bytes: Buffer): boolean {
    return this.#send(bytes);
  }

  /** Body bytes as they are framed already. @returns false when the source should pause until drained */
  write(bytes: Buffer): boolean {
    if (this.#over || bytes.length === 0) return true;
    if (!this.#pacer || !this.#throttle) return this.#send(bytes);
    if (!this.#throttled) {
      this.#throttled = true;
      this.#injection.throttled(this.#throttle);
    }
    return this.#pacer.write(bytes);
  }

  /** Payload as one chunk of a chunked body. */
  chunk(payload: Buffer): boolean {
    if (payload.length === 0) return true;
    const size = `${payload.length.toString(16)}\r\n`;
    const out = Buffer.allocUnsafe(size.length + payload.length + 2);
    out.write(size, 0, 'latin1');
    payload.copy(out, size.length);
    out[out.length - 2] = 13;
    out[out.length - 1] = 10;
    return this.write(out);
  }

  /** Ends a chunked body. */
  lastChunk(): void {
    this.write(LAST_CHUNK);
  }

  /** Calls back once everything has been handed to the client's connection. */
  flushed(then: () => void): void {
    if (this.#over) return;
    if (this.#pacer) this.#pacer.end(then);
    else then();
  }

  clientDrain(): void {
    if (this.#pacer) this.#pacer.drained();
    else this.#onDrain();
  }

  cancel(): void {
    this.#over = true;
    this.#pacer?.cancel();
  }

  /** What planned for the answer's bytes did not come about. */
  reportSkipped(): void {
    const cut = this.#cut;
    if (cut && this.#sent < cut.effect.bytes)
      this.#injection.skipped(
        cut.fault,
        `the answer had ${this.#sent} bytes, the cut was planned after ${cut.effect.bytes}`,
      );
    const throttle = this.#throttle;
    if (throttle && !this.#throttled)
      for (const { fault } of [...throttle.by, ...throttle.outdone])
        this.#injection.skipped(fault, 'the answer had no body to slow down');
  }

  #send(bytes: Buffer): boolean {
    if (this.#over) return true;
    const cut = this.#cut;
    if (cut && this.#sent + bytes.length >= cut.effect.bytes) {
      const kept = bytes.subarray(0, cut.effect.bytes - this.#sent);
      this.#sent = cut.effect.bytes;
      if (kept.length > 0) this.#call.sendDown(kept);
      this.#over = true;
      this.#pacer?.cancel();
      const { how } = cut.effect;
      this.#injection.applied(cut.fault, `${how} after ${cut.effect.bytes} bytes down`);
      if (how === 'hang') this.#injection.hung = true;
      this.#call.endConnection(how, 'fault-end', 'injected');
      return true;
    }
    this.#sent += bytes.length;
    return this.#call.sendDown(bytes);
  }
}
