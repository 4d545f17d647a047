/** Runs the program in this process: the only file that reads argv, listens to signals and exits. */
// Before any schema is made.
import './zod-config.ts';
import { constants, homedir } from 'node:os';
import { isatty } from 'node:tty';
import { EXIT } from './exit-codes.ts';
import type { Io } from './io.ts';
import { reportProblem } from './report-problem.ts';
import { runCli } from './run-cli.ts';
import { workingDirectory } from './working-directory.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGBREAK'] as const;

const io: Io = {
  stdout: process.stdout,
  stderr: process.stderr,
  terminal: {
    stdout: process.stdout.isTTY === true,
    stderr: process.stderr.isTTY === true,
    // Without making a stream of it, which costs 5 ms.
    stdin: isatty(0),
  },
  env: process.env,
  // Asked for when needed: it may be gone.
  get cwd() {
    return workingDirectory();
  },
  platform: process.platform,
  home: homedir(),
  ...(process.argv[1] === undefined ? {} : { script: process.argv[1] }),
  onStop(handler) {
    const known = SIGNALS.filter((name) => name in constants.signals);
    const handlers = known.map((name) => [name, () => handler(constants.signals[name])] as const);
    for (const [name, run] of handlers) process.on(name, run);
    return () => {
      for (const [name, run] of handlers) process.off(name, run);
    };
  },
  exit: (code) => process.exit(code),
};

// A reader that went away (`| head`) must not end the proxy.
process.stdout.on('error', () => {});
process.stderr.on('error', () => {});

let over = false;
process.once('beforeExit', () => {
  if (over) return;
  // With nothing left to wait for, a run that has not ended never will. That must not look like success.
  reportProblem(new Error('the run came to nothing before its end'), io);
  process.exit(EXIT.failed);
});

void runCli(process.argv.slice(2), io).then((code) => {
  over = true;
  // Output may still be on its way to a pipe; what hangs on otherwise (an idle connection) is not waited for.
  process.stdout.write('', () => process.stderr.write('', () => process.exit(code)));
});
