/** Programs that read neither HTTPS_PROXY nor a variable for roots, or not both: what `run` sets brings them here all the same. */
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { startLab } from '../support/lab.ts';
import { runProgram } from '../support/run-program.ts';

const program = (name: string): string => fileURLToPath(new URL(`../programs/${name}`, import.meta.url));
const WGET = [
  '-q',
  '-O',
  '/dev/null',
  '--header',
  'x-api-key: any',
  '--header',
  'anthropic-version: 2023-06-01',
];

describe('under run', () => {
  it.each([
    { name: 'Java', command: ['java', program('Calls.java')], calls: 2, says: '200\n200\n' },
    { name: 'PHP', command: ['php', program('calls.php')], calls: 1, says: '200\n' },
    { name: 'wget', command: ['wget', ...WGET, 'https://api.anthropic.com/v1/models'], calls: 1, says: '' },
  ])('$name comes here, and trusts the CA', async ({ command, calls, says }) => {
    const lab = await startLab();
    try {
      const [file = '', ...args] = command;
      const { code, stdout, stderr } = await runProgram(file, args, lab.env('run'));
      expect([code, stdout], stderr).toEqual([0, says]);
      expect(lab.requests.map(({ via, path }) => [via, path])).toEqual(
        new Array(calls).fill(['connect', '/v1/models']),
      );
    } finally {
      await lab.close();
    }
  });
});
