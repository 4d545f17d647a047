/**
 * The one door to how the engine reads streams faster than Node does by itself, in two ways that rest on Node's insides:
 * `direct-read.ts` and `shared-read.ts`. Each falls back by itself where those are not as expected. Skip them on a first
 * reading: who hears a stream by this door gets the same bytes, pauses and ends as from `data` events.
 *
 * For whoever hunts a bug: `ANTHROPIC_ERROR_PLUGIN_FAST_READ=off` in the environment turns both off. It is read here alone,
 * once. Everything works without them, slower.
 */
import net from 'node:net';
import type { Duplex } from 'node:stream';
import { type ChunkReader, giveChunk, setReader } from './chunk-reader.ts';
import { readDirectly, readFromQueue } from './direct-read.ts';
import { shareReads } from './shared-read.ts';

export type { ChunkReader };

/** False where the environment turns them off. */
export const fastReads = process.env.ANTHROPIC_ERROR_PLUGIN_FAST_READ !== 'off';

/** From here on, `reader` gets what the stream reads, in order, while the stream flows. Once per stream, until {@link detachReader}. */
export function hear(stream: Duplex, reader: ChunkReader): void {
  setReader(stream, reader);
  stream.on('data', giveChunk);
  if (!fastReads || !(stream instanceof net.Socket)) return;
  readDirectly(stream);
  shareReads(stream);
}

/** Takes {@link hear} back: what the stream reads goes Node's way, though still by the shared buffer. */
export function detachReader(stream: Duplex): void {
  stream.off('data', giveChunk);
  if (fastReads && stream instanceof net.Socket) readFromQueue(stream);
}
