/** Imported first: compiling checks to code pays off for thousands of values, and a start checks a few dozen, once. */
import { config } from 'zod';

config({ jitless: true });
