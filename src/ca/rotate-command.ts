/** The command that replaces our CA, ready to paste into a terminal: the cure in several problems. */
import { homedir } from 'node:os';
import { quotePosix } from './quote.ts';
import { defaultStateDir } from './state-dir.ts';

export function rotateCommand(stateDir: string, targets: readonly string[] = []): string {
  const home = defaultStateDir({ platform: process.platform, env: process.env, home: homedir() });
  const words = ['ca', 'rotate', ...targets.flatMap((target) => ['--target-host', target])];
  if (stateDir !== home) words.push('--state-dir', stateDir);
  return words.map(quotePosix).join(' ');
}
