/** What a test makes the process hold, in bytes: heap and buffers, once garbage is gone. */
import { expect } from 'vitest';

const collect = (): number => {
  expect(globalThis.gc, 'run with --expose-gc').toBeDefined();
  // V8 frees array buffers in the background: the second collection waits for the first one's sweep.
  globalThis.gc?.();
  globalThis.gc?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
};

/** @param hold makes something, and returns it so that it is still there when it is weighed */
export function heldBy(hold: () => unknown): number {
  const before = collect();
  const held = hold();
  const after = collect();
  expect(held).toBeDefined();
  return after - before;
}
