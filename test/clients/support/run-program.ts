/** Runs a client as its users do: as a process of its own. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What the programs in `programs/` print for each call: one line of JSON. */
export interface Report {
  readonly ok: boolean;
  /** The whole answer's text. */
  readonly text?: string;
  /** The error that reached the program. */
  readonly error?: { readonly name: string; readonly status?: number; readonly type?: string };
}

/** Longer than any of these clients takes; a client that hangs fails its test here, with what it printed. */
const LIMIT_MS = 30_000;

export function runProgram(
  file: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  input = '',
  limitMs = LIMIT_MS,
): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { env, stdio: 'pipe' });
    let stdout = '';
    let stderr = '';
    const limit = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`${file} ${args.join(' ')} still ran after ${limitMs} ms\n${stdout}${stderr}`));
    }, limitMs);
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.on('error', reject);
    child.on('close', (code) => {
      clearTimeout(limit);
      resolve({ code, stdout, stderr });
    });
    child.stdin.end(input);
  });
}

/** Command that runs `programs/<name>.mjs`. */
export function nodeProgram(name: string, node = process.execPath): readonly string[] {
  return [node, fileURLToPath(new URL(`../programs/${name}.mjs`, import.meta.url))];
}

/** Runs a program of `programs/` with these words and reads a report for each. */
export async function clientReports(
  [file = '', ...args]: readonly string[],
  words: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<readonly Report[]> {
  const { code, stdout, stderr } = await runProgram(file, [...args, ...words], env);
  const lines = stdout.trim().split('\n');
  if (code !== 0 || lines.length !== words.length)
    throw new Error(`${[file, ...args].join(' ')} ended with ${code}\n${stdout}${stderr}`);
  return lines.map((line) => JSON.parse(line) as Report);
}
