/** The snippets of docs/clients.md for clients that CI installs. */
import { execFileSync } from 'node:child_process';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll } from 'vitest';
import { describeSnippets } from '../support/describe-snippets.ts';
import { installClaudeCode, installPython, PYTHON_VERSIONS, ROOT } from './install.ts';

let path: string;
beforeAll(() => {
  const python = installPython(PYTHON_VERSIONS.at(-1)!);
  path = [join(python, 'bin'), join(installClaudeCode(), 'node_modules', '.bin'), process.env.PATH].join(':');
});

/** Beside the module file that pins the SDK. */
async function buildGo(folder: string): Promise<void> {
  for (const name of ['go.mod', 'go.sum'])
    await cp(join(ROOT, 'test', 'clients', 'ci', 'go', name), join(folder, name));
  execFileSync('go', ['build', '-o', 'main', 'main.go'], { cwd: folder, stdio: 'inherit' });
}

describeSnippets(['python', 'go', 'claude'], (client) => ({
  env: {
    PATH: path,
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    CLAUDE_CODE_MAX_RETRIES: '0',
  },
  prepare: async (folder) => {
    if (client === 'go') await buildGo(folder);
  },
}));
