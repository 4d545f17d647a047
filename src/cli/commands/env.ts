/** `env`: prints the environment that `run` would set, for a proxy that runs already. */
import net from 'node:net';
import { dummyKeys } from '../../app/run/dummy-keys.ts';
import { evaluation, likelyShell, type Shell, shellScript } from '../../app/run/shell-script.ts';
import type { Via } from '../../app/run/via.ts';
import { openAuthority } from '../../ca/authority.ts';
import type { Settings } from '../../config/settings.ts';
import { formatAuthority } from '../../core/net/authority.ts';
import { Problem } from '../../core/problem.ts';
import { authorityOptions } from '../certificate-authority.ts';
import { clientEnvironment } from '../client-environment.ts';
import { PROGRAM } from '../command-table.ts';
import { EXIT } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import type { CommandLine } from '../program.ts';
import { settingsOf } from '../settings-of.ts';

/** @returns the exit code */
export async function env(line: CommandLine, io: Io): Promise<number> {
  const settings = await settingsOf(line.flags, io);
  const everywhere = settings.host === '0.0.0.0' || settings.host === '::';
  const host = everywhere ? 'localhost' : settings.host;
  const proxyUrl = `http://${formatAuthority({ host, port: settings.proxyPort })}`;
  if (!(await listens(host, settings.proxyPort)))
    throw new Problem(
      'bad-option',
      `no proxy listens on ${proxyUrl}: start it with ${PROGRAM} --standalone, or say where it listens with --proxy-port`,
    );
  const { variables, notices } = await clientEnvironment(settings, io, {
    via: (line.choices.get('--via') ?? 'proxy') as Via,
    proxyUrl,
    ca: await openAuthority(authorityOptions(settings, io)),
    keepKeys: line.switches.has('--keep-keys'),
  });
  const shell = (line.choices.get('--shell') ?? likelyShell(io.env, io.platform)) as Shell;
  io.stdout.write(shellScript(variables, shell));
  for (const notice of [...notices, ...keptKeys(line, settings, io)]) io.stderr.write(`${notice}\n`);
  // Whoever sees the statements has not evaluated them.
  if (io.terminal.stdout)
    io.stderr.write(`\nTo set them in this shell:  ${evaluation(`npx ${PROGRAM} env`, shell)}\n`);
  return EXIT.ok;
}

/** Which upstream the proxy has that runs already is not known here. */
function keptKeys(line: CommandLine, settings: Settings, io: Io): string[] {
  if (settings.upstream.kind === 'mock' || line.switches.has('--keep-keys')) return [];
  const { withheld } = dummyKeys(io.env);
  if (withheld.length === 0) return [];
  return [
    `${withheld.join(', ')} ${withheld.length === 1 ? 'stays' : 'stay'} as in your shell: if that proxy answers with the stand-in, add --upstream mock for a dummy in the place of real keys.`,
  ];
}

function listens(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect({ host, port });
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
