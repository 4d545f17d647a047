/** What the Node programs among the subjects are told, as one JSON argument. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Lab, Launch, Setup } from '../model.ts';
import { paths } from '../paths.ts';

export interface NodeSetup extends Setup {
  readonly lab: Lab;
}

/** In the program: what it was told. */
export function nodeSetup(): NodeSetup {
  return JSON.parse(process.argv[2]!) as NodeSetup;
}

/** In the harness: how to start `subjects/<name>/server.ts` with the running Node. */
export function launchNode(name: string, lab: Lab, setup: Setup): Launch {
  const told: NodeSetup = { ...setup, lab };
  return {
    command: process.execPath,
    args: [join(paths.build, 'subjects', name, 'server.js'), JSON.stringify(told)],
    ca: () => lab.certificates.caCert,
  };
}

/** Reads a PEM file. */
export function pem(file: string): string {
  return readFileSync(file, 'utf8');
}
