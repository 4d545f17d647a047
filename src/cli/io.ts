/** Everything of the process that a command may touch: given by `main.ts`, replaced in tests. */
import type { TextOutput } from '../observe/line-writer.ts';

export interface Io {
  readonly stdout: TextOutput;
  readonly stderr: TextOutput;
  /** Whether each goes to a terminal, and whether input comes from one. */
  readonly terminal: { readonly stdout: boolean; readonly stderr: boolean; readonly stdin?: boolean };
  readonly env: Readonly<NodeJS.ProcessEnv>;
  readonly cwd: string;
  readonly platform: NodeJS.Platform;
  readonly home: string;
  /** File of the program itself, to start it again as a worker; where there is none, it cannot be. */
  readonly script?: string;
  /** Calls `handler` for each request to stop (SIGINT, SIGTERM …) with the number of the signal. @returns a function that ends it */
  onStop(handler: (signal: number) => void): () => void;
  /** Ends the process at once; for the second signal only. */
  exit(code: number): void;
}
