/** `mock`: the stand-in for the Claude API alone, on a port of its own. */
import { Problem } from '../../core/problem.ts';
import { serveMock } from '../../mock/serve.ts';
import { colorsFor } from '../colors.ts';
import { EXIT } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import type { CommandLine } from '../program.ts';
import { checkReadyFile, type Ready, removeReadyFile, writeReadyFile } from '../ready.ts';
import { settingsOf } from '../settings-of.ts';
import { untilStopped } from '../until-stopped.ts';
import { packageVersion } from '../version.ts';

/** Beside the proxy's own, so that both can run. */
const MOCK_PORT = 8081;

/** @returns the exit code, when the stand-in has ended */
export async function mock(line: CommandLine, io: Io): Promise<number> {
  const settings = await settingsOf(line.flags, io);
  const { host, readyFile } = settings;
  if (settings.workers > 1)
    throw new Problem(
      'bad-option',
      `${settings.origin.get('workers')} does not go with the command mock, which is one process: leave it out, or use --standalone --upstream mock --error-probability 0 --workers ${settings.workers}`,
    );
  if (readyFile !== undefined) checkReadyFile(readyFile);
  const served = await serveMock({
    host,
    port: settings.origin.has('proxy_port') ? settings.proxyPort : MOCK_PORT,
  });
  const end = untilStopped(io, settings.forMs, (signal) => io.exit(128 + signal));
  const name = host === '0.0.0.0' || host === '::' ? 'localhost' : host;
  const url = `http://${name.includes(':') ? `[${name}]` : name}:${served.port}`;
  const ready: Ready = {
    v: 1,
    type: 'ready',
    at: Date.now(),
    url,
    host,
    port: served.port,
    ca: null,
    pid: process.pid,
    version: packageVersion,
  };
  try {
    if (settings.logFormat === 'json') io.stdout.write(`${JSON.stringify(ready)}\n`);
    else io.stdout.write(settings.quiet ? `listening on ${url}\n` : mockText(url, io));
    if (readyFile !== undefined) await writeReadyFile(readyFile, ready);
    await end.ended;
  } finally {
    end.release();
    await served.close();
    if (readyFile !== undefined) removeReadyFile(readyFile, ready);
  }
  return EXIT.ok;
}

function mockText(url: string, io: Io): string {
  const colors = colorsFor(io);
  const curl = io.platform === 'win32' ? 'curl.exe' : 'curl';
  return [
    `The ${colors.bold('stand-in for the Claude API')} listens on ${colors.bold(colors.cyan(url))}`,
    'Any key will do. Stop it with Ctrl-C.',
    '',
    `  ${colors.bold(`${curl} -sS -H "x-api-key: any" -H "anthropic-version: 2023-06-01" ${url}/v1/models`)}`,
    `  ${colors.bold(`ANTHROPIC_BASE_URL=${url}`)}`,
    '',
    '',
  ].join('\n');
}
