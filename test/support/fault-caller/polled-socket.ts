/** A socket of Node's as tokio would see it: a kernel buffer that is read when somebody asks. */
import type net from 'node:net';
import { PENDING, type Pending, type PolledStream } from './task.ts';

/** Bytes that wait on either side of the program, about as much as a kernel keeps. */
const KERNEL_BUFFER = 256 * 1024;

export class PolledSocket implements PolledStream {
  readonly #socket: net.Socket;
  readonly #arrived: Buffer[] = [];
  #waiting = 0;
  #ended = false;
  #failed: Error | undefined;
  #reader: (() => void) | undefined;
  #writer: (() => void) | undefined;

  /** @param socket one that was made with `allowHalfOpen` */
  constructor(socket: net.Socket, head?: Buffer) {
    this.#socket = socket;
    if (head?.length) this.#keep(head);
    socket.on('data', (chunk: Buffer) => {
      this.#keep(chunk);
      if (this.#waiting >= KERNEL_BUFFER) socket.pause();
      this.#wakeReader();
    });
    socket.on('end', () => {
      this.#ended = true;
      this.#wakeReader();
    });
    socket.on('drain', () => this.#wakeWriter());
    socket.on('error', (error) => this.#fail(error));
    socket.on('close', () => this.#fail(new Error('socket closed')));
    socket.resume();
  }

  pollRead(limit: number, wake: () => void): Buffer | Pending {
    if (this.#waiting > 0) return this.#take(limit);
    if (this.#ended) return Buffer.alloc(0);
    if (this.#failed) throw this.#failed;
    this.#reader = wake;
    return PENDING;
  }

  pollWrite(bytes: Buffer, wake: () => void): number | Pending {
    if (this.#failed) throw this.#failed;
    const room = KERNEL_BUFFER - this.#socket.writableLength;
    if (room <= 0) {
      this.#writer = wake;
      return PENDING;
    }
    const taken = bytes.subarray(0, room);
    this.#socket.write(Buffer.from(taken));
    return taken.length;
  }

  shutdown(): void {
    if (!this.#failed) this.#socket.end();
  }

  drop(): void {
    // What was written stands in the kernel by now, and a dropped socket still sends it.
    if (this.#socket.writableLength > 0 && !this.#socket.destroyed) this.#socket.destroySoon();
    else this.#socket.destroy();
  }

  /** As one read takes them from a kernel, however they came. */
  #take(limit: number): Buffer {
    const parts: Buffer[] = [];
    let room = limit;
    while (room > 0 && this.#arrived[0]) {
      const part = this.#arrived[0].subarray(0, room);
      if (part.length === this.#arrived[0].length) this.#arrived.shift();
      else this.#arrived[0] = this.#arrived[0].subarray(part.length);
      parts.push(part);
      room -= part.length;
    }
    this.#waiting -= limit - room;
    if (this.#waiting < KERNEL_BUFFER) this.#socket.resume();
    return Buffer.concat(parts);
  }

  #keep(bytes: Buffer): void {
    this.#arrived.push(bytes);
    this.#waiting += bytes.length;
  }

  #fail(error: Error): void {
    this.#failed ??= error;
    this.#wakeReader();
    this.#wakeWriter();
  }

  #wakeReader(): void {
    const wake = this.#reader;
    this.#reader = undefined;
    wake?.();
  }

  #wakeWriter(): void {
    const wake = this.#writer;
    this.#writer = undefined;
    wake?.();
  }
}
