/**
 * Hands what a socket reads straight to whoever hears it. Node's streams put each chunk into their queue, take it out
 * again, and ask the socket in a tick of its own whether there is more to read. Where the queue is empty and the stream
 * flows, all of that comes to nothing, and costs as much as all else that a small call costs beyond TLS.
 *
 * Node's sockets give each chunk to their own `push` (`lib/internal/stream_base_commons.js`, Node 20 to 26). Where it
 * does not come that way (bytes put back, chunks that came while the stream was paused, streams that are no sockets),
 * the `data` event brings it.
 */
import net from 'node:net';
import { Duplex } from 'node:stream';
import { shareReads } from './shared-read.ts';

/** Hears the bytes of a stream. */
export interface ChunkReader {
  onData(chunk: Buffer): void;
}

const HEARER = Symbol('hearer');

interface Heard extends Duplex {
  [HEARER]: ChunkReader;
}

/** From here on, `hearer` gets what the stream reads, in order, while the stream flows. Once per stream, until {@link detachReader}. */
export function hear(stream: Duplex, hearer: ChunkReader): void {
  (stream as Heard)[HEARER] = hearer;
  stream.on('data', onData);
  if (!(stream instanceof net.Socket)) return;
  stream.push = push;
  shareReads(stream);
}

/** Takes {@link hear} back: what the stream reads goes Node's way, though still by the shared buffer. */
export function detachReader(stream: Duplex): void {
  stream.off('data', onData);
  if (stream instanceof net.Socket) stream.push = Duplex.prototype.push;
}

function onData(this: Duplex, chunk: Buffer): void {
  (this as Heard)[HEARER].onData(chunk);
}

/** @returns false when the socket is to stop reading */
function push(this: net.Socket, chunk: Buffer | null, encoding?: BufferEncoding): boolean {
  if (chunk === null || this.readableFlowing !== true || this.readableLength > 0)
    return Duplex.prototype.push.call(this, chunk, encoding);
  (this as unknown as Heard)[HEARER].onData(chunk);
  return true;
}
