/** The documents that are generated, and what makes each: `npm run docs` writes them, `npm run docs -- --check` compares. */
import { architectureDocument } from './architecture/document.ts';
import { cliDocument } from './cli.ts';
import { faultsDocument } from './faults.ts';
import { rulesDocument } from './rules.ts';
import { scenariosDocument } from './scenarios.ts';

export interface DocumentGenerator {
  /** Path from the package's root. */
  readonly file: string;
  /** The whole text. */
  readonly make: () => string;
}

export const generators: readonly DocumentGenerator[] = [
  { file: 'docs/architecture.md', make: architectureDocument },
  { file: 'docs/cli.md', make: cliDocument },
  { file: 'docs/faults.md', make: faultsDocument },
  { file: 'docs/rules.md', make: rulesDocument },
  { file: 'docs/scenarios.md', make: scenariosDocument },
];
