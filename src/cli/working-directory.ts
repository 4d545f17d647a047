import process from 'node:process';
import { Problem } from '../core/problem.ts';

/** @throws Problem `file-not-found` where it was deleted, or may not be looked at */
export function workingDirectory(): string {
  try {
    return process.cwd();
  } catch (error) {
    throw new Problem(
      'file-not-found',
      'the working directory does not exist any more, or may not be read: change to one that does (cd ~)',
      { cause: error },
    );
  }
}
