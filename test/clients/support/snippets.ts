/** The snippets of docs/clients.md, run as they stand: only the proxy's address is put in the place of the usual one. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bareEnvironment } from './bare-environment.ts';
import type { Lab } from './lab.ts';
import { type Finished, runProgram } from './run-program.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

export interface Snippets {
  /** Programs by the name of their file. */
  readonly programs: ReadonlyMap<string, string>;
  /** Shell commands by client and way: `sdk base-url`. */
  readonly commands: ReadonlyMap<string, string>;
}

/** Blocks with something behind their language. */
export async function readSnippets(): Promise<Snippets> {
  const text = await readFile(join(ROOT, 'docs', 'clients.md'), 'utf8');
  const blocks = [...text.matchAll(/^```(\w+) (.+)\n([\s\S]*?)^```$/gm)];
  const of = (shell: boolean): Map<string, string> =>
    new Map(
      blocks.flatMap(([, language, name = '', code = '']) =>
        (language === 'sh') === shell ? [[name, code]] : [],
      ),
    );
  return { programs: of(false), commands: of(true) };
}

/**
 * Runs a command in a folder with all programs in it, as its reader would; the folder is in this package, so that
 * imports find what is installed here.
 *
 * @param prepare puts more into the folder
 */
export async function runSnippet(
  lab: Lab,
  command: string,
  programs: Snippets['programs'],
  more: { env?: NodeJS.ProcessEnv; prepare?: (folder: string) => Promise<void> } = {},
): Promise<Finished> {
  await mkdir(join(ROOT, '.clients'), { recursive: true });
  const folder = await mkdtemp(join(ROOT, '.clients', 'docs-'));
  try {
    for (const [name, code] of programs) await writeFile(join(folder, name), code);
    await more.prepare?.(folder);
    const script = `cd "$FOLDER"\n${command.replaceAll('http://127.0.0.1:8080', lab.proxy.url)}`;
    return await runProgram('sh', ['-eu', '-c', script], {
      ...bareEnvironment(),
      FOLDER: folder,
      // What a client keeps goes with the folder.
      HOME: folder,
      TMPDIR: folder,
      CLAUDE_CODE_TMPDIR: folder,
      CA: lab.caPath,
      ANTHROPIC_API_KEY: 'any',
      ...more.env,
    });
  } finally {
    await rm(folder, { recursive: true });
  }
}
