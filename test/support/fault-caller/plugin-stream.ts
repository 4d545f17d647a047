/**
 * Fault's `GrpcPluginStream` (fault-cli 0.20.24, fault/grpc.rs), branch by branch: the wrapper of one side of a tunnel.
 *
 * It is copied with its mistakes, since they are what a plugin has to live with: a write tells its caller that everything
 * it was shown *now* is written, though the plugin saw what was there when the call began.
 */
import { PluginCall, type ProcessTunnelData, type Side, type TunnelBlock } from './plugin-call.ts';
import { PENDING, type Pending, type PolledStream } from './task.ts';

const READ_SIZE = 4096;
const EMPTY = Buffer.alloc(0);

export class PluginStream implements PolledStream {
  readonly #inner: PolledStream;
  readonly #call: (direction: 'read' | 'write', chunk: Buffer) => PluginCall;
  #pendingRead: Buffer = EMPTY;
  #pendingWrite: Buffer = EMPTY;
  #reading: PluginCall | undefined;
  #writing: PluginCall | undefined;

  constructor(inner: PolledStream, id: string, side: Side, process: ProcessTunnelData) {
    this.#inner = inner;
    this.#call = (path, chunk) => {
      const toClient = (path === 'read') === (side === 'server');
      const block: TunnelBlock = { id, side, direction: toClient ? 'to-client' : 'to-upstream', chunk };
      return new PluginCall(process, block);
    };
  }

  pollRead(limit: number, wake: () => void): Buffer | Pending {
    for (;;) {
      if (this.#pendingRead.length > 0) {
        const taken = this.#pendingRead.subarray(0, limit);
        this.#pendingRead = this.#pendingRead.subarray(taken.length);
        return taken;
      }
      if (!this.#reading) break;
      const reply = this.#reading.poll(wake);
      if (reply === PENDING) return PENDING;
      this.#reading = undefined;
      switch (reply.kind) {
        case 'pass-through':
        case 'replace':
          this.#pendingRead = reply.chunk;
          break;
        case 'buffer':
          return PENDING; // and nobody will wake us
        case 'close':
          return EMPTY;
        case 'none':
          throw new Error('Missing action in plugin response');
      }
    }
    const chunk = this.#inner.pollRead(READ_SIZE, wake);
    if (chunk === PENDING || chunk.length === 0) return chunk;
    this.#reading = this.#call('read', Buffer.from(chunk));
    wake();
    return PENDING;
  }

  pollWrite(bytes: Buffer, wake: () => void): number | Pending {
    if (this.#pendingWrite.length > 0) {
      const taken = this.#inner.pollWrite(this.#pendingWrite, wake);
      if (taken === PENDING) return PENDING;
      this.#pendingWrite = this.#pendingWrite.subarray(taken);
      if (this.#pendingWrite.length > 0) return PENDING; // and nobody will wake us
      return bytes.length; // whatever came since the plugin was asked is lost here
    }
    if (!this.#writing) {
      this.#writing = this.#call('write', Buffer.from(bytes));
      wake();
      return PENDING;
    }
    const reply = this.#writing.poll(wake);
    if (reply === PENDING) return PENDING;
    this.#writing = undefined;
    switch (reply.kind) {
      case 'replace':
        this.#pendingWrite = reply.chunk;
        break;
      case 'pass-through':
        this.#pendingWrite = reply.chunk.length === 0 ? Buffer.from(bytes) : reply.chunk;
        break;
      case 'buffer':
        return PENDING; // and nobody will wake us
      case 'close':
        return 0;
      case 'none':
        throw new Error('Missing action in plugin response');
    }
    wake();
    return PENDING;
  }

  shutdown(): void {
    this.#inner.shutdown();
  }

  drop(): void {
    this.#reading?.drop();
    this.#writing?.drop();
    this.#inner.drop();
  }
}
