/** Every fault there is, one line each: adding a fault is its own file and a line here. `catalogue.ts` reads this. */

export { edgeError } from './edge-error.ts';
export { httpError } from './http-error.ts';
export { latency } from './latency.ts';
export { timeout } from './timeout.ts';
