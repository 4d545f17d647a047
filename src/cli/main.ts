#!/usr/bin/env node
/** The executable: loads the bundled program, with its compiled code where the build has kept it. */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { useCodeCache } from './code-cache.ts';

const program = join(dirname(fileURLToPath(import.meta.url)), 'program');
useCodeCache(program);
createRequire(import.meta.url)(join(program, 'run-process.js'));
