/** How much of what was written to a transport lies here still, as far as it can be told. */
import type { Duplex } from 'node:stream';
import type { Transport } from './transport.ts';

interface Handled extends Duplex {
  readonly bytesWritten?: number;
  readonly _handle?: { readonly writeQueueSize?: number } | null;
}

/**
 * A number that is another one whenever the client took some of what was written: a stream counts a write as waiting
 * until all of it went out, however large, so what the kernel has taken of it is asked of the handle. Under TLS each
 * portion of it is a write of the transport below.
 */
export function unsentMark({ stream, raw }: Transport): number {
  const below = raw === undefined ? 0 : waiting(raw.stream) - ((raw.stream as Handled).bytesWritten ?? 0);
  return waiting(stream) + below;
}

function waiting(stream: Handled): number {
  return stream.writableLength + (stream._handle?.writeQueueSize ?? 0);
}
