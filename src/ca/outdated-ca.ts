/** What is said of a CA that an earlier version made, wherever it would be used. */
import { Problem } from '../core/problem.ts';
import { rotateCommand } from './rotate-command.ts';

export function outdatedCa(stateDir: string, targets: readonly string[]): Problem {
  return new Problem(
    'bad-ca',
    `The certificate authority in ${stateDir} was made by an earlier version, and clients on OpenSSL do not keep it within its limits; run "${rotateCommand(stateDir, targets)}", stop trusting the old certificate, and trust the new one.`,
  );
}
