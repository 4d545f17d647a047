/** A part of a chunk; the chunk itself where that is all of it, which spares an object per write. */
export function slice(chunk: Buffer, from: number, to: number): Buffer {
  return from === 0 && to === chunk.length ? chunk : chunk.subarray(from, to);
}
