#!/usr/bin/env node
/** The executable: loads the bundled program. */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { useCompileCache } from './compile-cache.ts';

useCompileCache();
createRequire(import.meta.url)(join(dirname(fileURLToPath(import.meta.url)), 'program', 'run-process.js'));
