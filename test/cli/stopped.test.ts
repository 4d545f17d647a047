/** A run that is stopped in a hurry, with a call, a tunnel or a dial in every state: it ends, and everything is told. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildProgram } from './built-program.ts';
import { isOpen } from './is-open.ts';
import { expectAllTold, stuckRun } from './stopped-states.ts';

let main: string;
beforeAll(async () => {
  main = await buildProgram();
}, 60_000);

describe.skipIf(process.platform === 'win32')('a second signal', () => {
  it.each([[], ['--workers', '2']])(
    'ends every call, tunnel and dial, and all is told %s',
    async (...flags) => {
      const stuck = await stuckRun(main, flags);
      const { program, url, clientsEnded } = stuck;
      program.child.kill('SIGTERM');
      await expect.poll(() => isOpen(url)).toBe(false);
      program.child.kill('SIGTERM');
      expect(await program.ended).toBe(143);
      await clientsEnded;
      expectAllTold(stuck);
      expect(existsSync(join(program.folder, 'r.json'))).toBe(false);
    },
  );
});
