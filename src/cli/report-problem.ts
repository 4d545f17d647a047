/** The last stop of every error: one sentence with the cure on stderr, and the exit code. No stack, unless it is a bug. */
import { Problem } from '../core/problem.ts';
import { colorsFor } from './colors.ts';
import { EXIT } from './exit-codes.ts';
import type { Io } from './io.ts';

/** @returns the exit code */
export function reportProblem(error: unknown, io: Io): number {
  const problem = Problem.from(error);
  const colors = colorsFor(io, 'stderr');
  const label = colors.bold(colors.red('error:'));
  for (const sentence of problem.message.split('\n')) io.stderr.write(`${label} ${finished(sentence)}\n`);
  if (problem.kind === 'bug') {
    io.stderr.write('This is a bug in anthropic-error-plugin. Please report it with these lines:\n');
    io.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  }
  return problem.kind === 'user' ? EXIT.badInput : EXIT.failed;
}

function finished(sentence: string): string {
  return /[.!?:]$/.test(sentence) ? sentence : `${sentence}.`;
}
