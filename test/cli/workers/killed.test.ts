/** Workers that are killed under traffic, a handful of times; `killed.check.ts` plays fifty rounds. */
import { beforeAll, describe, it } from 'vitest';
import { buildProgram } from '../built-program.ts';
import { playKilledRound, roundsOf } from './killed-round.ts';

let main: string;
beforeAll(async () => {
  main = await buildProgram();
}, 60_000);

describe.skipIf(process.platform === 'win32')('a worker that is killed under traffic', () => {
  it('ends the run with an error, everything is told, and no client is left waiting', async () => {
    const rounds = roundsOf(5, Math.random);
    await Promise.all(rounds.map((round) => playKilledRound(main, round)));
  }, 60_000);
});
