/** Every fault there is, one line each: adding a fault is its own file and a line here. `catalogue.ts` reads this. */
export { httpError } from './http-error.ts';
