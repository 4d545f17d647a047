/** The clients that are watched, as columns of the tables. */
import { fileURLToPath } from 'node:url';

/** A program in `programs/`, run once for all the calls of a table. */
export type Program = 'anthropic.mjs' | 'ai-sdk.mjs' | 'langchain.mjs' | 'anthropic_sdk.py';

export interface Client {
  /** The column's head. */
  readonly title: string;
  readonly program: Program;
  /** Which of the program's ways to call. */
  readonly way: 'raw' | 'helper' | 'stream' | 'whole';
}

export const streamingClients: readonly Client[] = [
  { title: 'TS SDK, raw', program: 'anthropic.mjs', way: 'raw' },
  { title: 'TS SDK, helper', program: 'anthropic.mjs', way: 'helper' },
  { title: 'Python SDK, raw', program: 'anthropic_sdk.py', way: 'raw' },
  { title: 'Python SDK, helper', program: 'anthropic_sdk.py', way: 'helper' },
  { title: 'AI SDK', program: 'ai-sdk.mjs', way: 'stream' },
  { title: 'LangChain', program: 'langchain.mjs', way: 'stream' },
];

export const wholeClients: readonly Client[] = [
  { title: 'TS SDK', program: 'anthropic.mjs', way: 'whole' },
  { title: 'Python SDK', program: 'anthropic_sdk.py', way: 'whole' },
  { title: 'AI SDK', program: 'ai-sdk.mjs', way: 'whole' },
  { title: 'LangChain', program: 'langchain.mjs', way: 'whole' },
];

export function isPython(program: Program): boolean {
  return program.endsWith('.py');
}

/** Command and arguments that start a program; Python is the one in `AEP_PYTHON`, which has `anthropic` installed. */
export function commandOf(program: Program, hasten: boolean): readonly [string, ...string[]] {
  const file = fileURLToPath(new URL(`programs/${program}`, import.meta.url));
  if (!isPython(program)) return [process.execPath, file, ...(hasten ? ['hasten'] : [])];
  const python = process.env.AEP_PYTHON;
  if (!python)
    throw new Error('set AEP_PYTHON to a Python with the package anthropic (see .ci/suites/20-behaviour.sh)');
  return [python, file];
}
