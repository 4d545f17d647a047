/** One row: `claude -p`, in folders of its own, meets a fault through a proxy before the stand-in. */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startLab } from '../../clients/support/lab.ts';
import { runProgram } from '../../clients/support/run-program.ts';
import { type Row, rulesOf } from './rows.ts';

export interface Observation {
  /** Messages asked for as streams, and whole, as the proxy saw them. */
  readonly streams: number;
  readonly wholes: number;
  /** Faults that took hold. */
  readonly faults: number;
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * @param claude path of the program
 * @throws when it still runs after the limit of {@link runProgram}, or a fault could not be carried out
 */
export async function observeClaude(claude: string, row: Row): Promise<Observation> {
  const folder = await mkdtemp(join(tmpdir(), 'aep-claude-'));
  const lab = await startLab(rulesOf(row));
  const streams: (boolean | undefined)[] = [];
  const skipped: string[] = [];
  let faults = 0;
  lab.proxy.bus.subscribe((event) => {
    if (event.type === 'exchange.decided' && event.path === '/v1/messages') streams.push(event.stream);
    if (event.type === 'fault.applied') faults += 1;
    if (event.type === 'fault.skipped') skipped.push(event.reason);
  });
  try {
    const ended = await runProgram(claude, ['-p', 'Say hello.', '--model', 'claude-opus-5-5'], {
      ...(await environment(folder, row)),
      ANTHROPIC_BASE_URL: lab.proxy.url,
    });
    if (skipped.length > 0) throw new Error(`${row.title}: fault skipped: ${skipped}`);
    if (streams.includes(undefined))
      throw new Error(`${row.title}: the proxy did not read a call's \`stream\``);
    const wholes = streams.filter((stream) => stream === false).length;
    return { ...ended, streams: streams.length - wholes, wholes, faults };
  } finally {
    await lab.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Nothing but what it needs: it writes nowhere else, and calls no other host. */
export async function environment(
  folder: string,
  { maxRetries }: Pick<Row, 'maxRetries'>,
): Promise<NodeJS.ProcessEnv> {
  const [home, tmp] = [join(folder, 'home'), join(folder, 'tmp')];
  await Promise.all([mkdir(home), mkdir(tmp)]);
  return {
    PATH: '/usr/bin:/bin',
    HOME: home,
    TMPDIR: tmp,
    CLAUDE_CODE_TMPDIR: tmp,
    ANTHROPIC_API_KEY: 'dummy',
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    ...(maxRetries === undefined ? {} : { CLAUDE_CODE_MAX_RETRIES: `${maxRetries}` }),
  };
}
