/** `run -- command…`: a proxy for one command, brought to it by its environment, and a summary of what became of its calls. */
import { constants } from 'node:os';
import { type CommandEnd, startCommand } from '../../app/run/command.ts';
import { NoCallFold, whyNoCalls } from '../../app/run/no-calls.ts';
import type { Via } from '../../app/run/via.ts';
import { withChanges } from '../../app/run/with-changes.ts';
import { Problem } from '../../core/problem.ts';
import { EventBus } from '../../observe/bus.ts';
import { armRun } from '../arm-run.ts';
import { clientEnvironment } from '../client-environment.ts';
import { closing, STOP_LATE } from '../close-in-time.ts';
import type { Io } from '../io.ts';
import { openProxy } from '../open-proxy.ts';
import type { CommandLine } from '../program.ts';
import { checkReadyFile, removeReadyFile, writeReadyFile } from '../ready.ts';
import { reportProblem } from '../report-problem.ts';
import { openOutput } from '../run-output.ts';
import { settingsOf } from '../settings-of.ts';

/** The command has ended; what it has read to the end may still be under way here. */
const GRACE_MS = 1_000;
const PATIENCE = { graceMs: 5_000, hurryMs: 1_000 };

/** @returns the exit code: the command's, or 128 and the number of the signal that ended it, 127 or 126 if it did not start */
export async function run(line: CommandLine, io: Io): Promise<number> {
  const given = await settingsOf(line.flags, io);
  if (given.watch)
    throw new Problem(
      'bad-option',
      'watch does not go with the command run: leave it out, or start the proxy by itself with --standalone --watch',
    );
  if (given.workers > 1)
    throw new Problem(
      'bad-option',
      `${given.origin.get('workers')} does not go with the command run: leave it out, or start the proxy by itself with --standalone --workers ${given.workers}`,
    );
  const { rules, settings, notice } = await armRun({
    ...given,
    proxyPort: given.origin.has('proxy_port') ? given.proxyPort : 0,
    // Our lines would stand between those of the command.
    quiet: !given.verbose,
  });
  const via = (line.choices.get('--via') ?? 'proxy') as Via;
  if (settings.readyFile !== undefined) checkReadyFile(settings.readyFile, settings.eventLog);
  const bus = new EventBus();
  const noCalls = new NoCallFold();
  bus.subscribe((event) => noCalls.observe(event));
  let url = '';
  const output = openOutput(settings, besideCommand(io), {
    start: ({ url, seed }) => `Calls to ${settings.targets.join(', ')} go through ${url}, seed ${seed}.\n`,
    nothingCame: () => {
      const { targets } = settings;
      const facts = { via, targets, proxyUrl: url, baseUrl: io.env.ANTHROPIC_BASE_URL, ...noCalls.current() };
      return `${whyNoCalls(facts).join('\n')}\n`;
    },
  });
  output.watch(bus);
  if (notice !== undefined) output.note('recording-cut', notice);
  try {
    const { ca, ready, close } = await openProxy(settings, io, rules, bus);
    url = ready.url;
    const stop = closing(close, PATIENCE);
    let end: CommandEnd;
    let inTime = true;
    try {
      output.begin(ready, rules.armed);
      if (settings.readyFile !== undefined) await writeReadyFile(settings.readyFile, ready);
      const { variables, notices } = await clientEnvironment(settings, io, {
        ...{ via, proxyUrl: url, ca },
        keepKeys: line.switches.has('--keep-keys'),
      });
      for (const notice of notices) io.stderr.write(`${notice}\n`);
      end = await commandEnd(line.args, withChanges(io.env, variables, io.platform), io);
    } finally {
      // The command is gone: whoever still asks to stop is in a hurry.
      const off = io.onStop(stop.hurry);
      inTime = await stop.inTime(GRACE_MS);
      off();
      if (settings.readyFile !== undefined) removeReadyFile(settings.readyFile, ready);
    }
    if (!inTime) bus.emit({ v: 1, type: 'notice', at: Date.now(), code: 'stop-late', message: STOP_LATE });
    if (end.problem !== undefined) reportProblem(end.problem, io);
    else output.end();
    if (end.lingered) io.stderr.write('Processes that the command left behind were ended.\n');
    return end.code;
  } finally {
    output.close();
  }
}

/** Runs the command; signals that we get are its own. */
async function commandEnd(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  io: Io,
): Promise<CommandEnd> {
  const [command = '', ...rest] = args;
  const running = startCommand({ command, args: rest, env, interactive: io.terminal.stdin === true });
  const off = io.onStop((number) => {
    const name = Object.entries(constants.signals).find(([, value]) => value === number)?.[0];
    running.stop((name ?? 'SIGTERM') as NodeJS.Signals);
  });
  try {
    return await running.end;
  } finally {
    off();
  }
}

/** Standard output is the command's. */
function besideCommand(io: Io): Io {
  return { ...io, stdout: io.stderr, terminal: { ...io.terminal, stdout: io.terminal.stderr } };
}
