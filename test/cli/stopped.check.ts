/** Runs that are stopped once, with calls, tunnels and dials that never end by themselves: they get the grace, then it is the end. */
import { beforeAll, expect, it } from 'vitest';
import { buildProgram } from './built-program.ts';
import { expectAllTold, stuckRun } from './stopped-states.ts';

let main: string;
beforeAll(async () => {
  main = await buildProgram();
}, 60_000);

it('a first signal waits for the grace, ends all that is left, and tells it', async () => {
  const runs = [[], ['--workers', '2'], ['--for', '8s']].map(async (flags) => {
    const stuck = await stuckRun(main, flags);
    const { program, clientsEnded } = stuck;
    if (!flags.includes('--for')) program.child.kill('SIGTERM');
    expect(await program.ended, String(flags)).toBe(0);
    await clientsEnded;
    expectAllTold(stuck);
  });
  await Promise.all(runs);
}, 120_000);
