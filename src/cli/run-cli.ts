/** The program: reads the command line, runs the command, turns whatever is thrown into one sentence and an exit code. */

import { start } from './commands/start.ts';
import { EXIT } from './exit-codes.ts';
import type { Io } from './io.ts';
import { parseCommandLine } from './program.ts';
import { reportProblem } from './report-problem.ts';
import { WORKER } from './workers/worker-argument.ts';

/**
 * Runs one command line. The proxy is at hand, everything else is loaded when it is asked for.
 *
 * @param args without node and script
 * @returns the exit code
 */
export async function runCli(args: readonly string[], io: Io): Promise<number> {
  try {
    if (args[0] === WORKER) return await (await import('./workers/run-worker.ts')).runWorker(io);
    const line = parseCommandLine(args, io);
    if (line === undefined) return EXIT.ok;
    switch (line.command) {
      case '':
        return await start(line, io);
      case 'run':
        return await (await import('./commands/run.ts')).run(line, io);
      case 'env':
        return await (await import('./commands/env.ts')).env(line, io);
      case 'mock':
        return await (await import('./commands/mock.ts')).mock(line, io);
      case 'check':
        return await (await import('./commands/check.ts')).check(line, io);
      case 'explain':
        return (await import('./commands/explain.ts')).explain(line, io);
      case 'scenarios':
      case 'scenarios show':
        return (await import('./commands/scenarios.ts')).scenariosCommand(line, io);
      case 'schema':
        return (await import('./commands/schema.ts')).schema(io);
      case 'errors':
        return (await import('./commands/errors.ts')).errors(line, io);
      default:
        return await (await import('./commands/ca.ts')).ca(line, io);
    }
  } catch (error) {
    return reportProblem(error, io);
  }
}
