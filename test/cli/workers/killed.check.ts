/** Fifty runs of `--workers` under traffic with workers killed at random moments: none of them ends well, or hangs, or says nothing. */
import { beforeAll, it } from 'vitest';
import { buildProgram } from '../built-program.ts';
import { playKilledRound, roundsOf } from './killed-round.ts';

const AT_A_TIME = 5;

let main: string;
beforeAll(async () => {
  main = await buildProgram();
}, 60_000);

it('fifty rounds', async () => {
  const rounds = roundsOf(50, Math.random);
  const player = async (): Promise<void> => {
    for (let round = rounds.pop(); round !== undefined; round = rounds.pop())
      await playKilledRound(main, round);
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, player));
}, 300_000);
