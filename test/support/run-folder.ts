/** One folder for what a whole run of tests shares. Processes of tests are ended without a word, so the run itself removes it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    runFolder: string;
  }
}

/** Vitest's global setup. @returns what is to be done at the run's end */
export function setup(project: TestProject): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'aep-tests-'));
  project.provide('runFolder', folder);
  return () => rmSync(folder, { recursive: true, force: true });
}
