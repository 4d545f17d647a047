/**
 * Hands what a socket reads straight to whoever hears it. Node's streams put each chunk into their queue, take it out
 * again, and ask the socket in a tick of its own whether there is more to read. Where the queue is empty and the stream
 * flows, all of that comes to nothing, and costs as much as all else that a small call costs beyond TLS.
 *
 * Node's sockets give each chunk to their own `push` (`lib/internal/stream_base_commons.js`, Node 20 to 26). Where it
 * does not come that way (bytes put back, chunks that came while the stream was paused, a Node that calls another's
 * `push`), the `data` event brings it.
 */
import type net from 'node:net';
import { Duplex } from 'node:stream';
import { giveChunk } from './chunk-reader.ts';

/** The socket's reader gets chunks without an event each, where it can. It listens to `data` all the same. */
export function readDirectly(socket: net.Socket): void {
  socket.push = push;
}

/** Takes {@link readDirectly} back. */
export function readFromQueue(socket: net.Socket): void {
  socket.push = Duplex.prototype.push;
}

/** @returns false when the socket is to stop reading */
function push(this: net.Socket, chunk: Buffer | null, encoding?: BufferEncoding): boolean {
  if (chunk === null || this.readableFlowing !== true || this.readableLength > 0)
    return Duplex.prototype.push.call(this, chunk, encoding);
  giveChunk.call(this, chunk);
  return true;
}
