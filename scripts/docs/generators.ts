/** The documents that are generated, and what makes each: `npm run docs` writes them, `npm run docs -- --check` compares. */
import { cliDocument } from './cli.ts';

export interface DocumentGenerator {
  /** Path from the package's root. */
  readonly file: string;
  /** The whole text. */
  readonly make: () => string;
}

export const generators: readonly DocumentGenerator[] = [{ file: 'docs/cli.md', make: cliDocument }];
