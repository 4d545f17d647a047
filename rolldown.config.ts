/**
 * Bundles the command line: dist/cli/main.js, which is called, and dist/cli/program/, which it loads. One file holds what
 * a start of the proxy needs; other commands, YAML and the stand-in are chunks of their own. CommonJS, since loading
 * it takes less than loading modules does, and the compiled code of it can be kept (`src/cli/code-cache.ts`).
 */
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig, type Plugin } from 'rolldown';

/** dist/cli holds CommonJS, whatever the package says. */
const commonJs: Plugin = {
  name: 'commonjs-directory',
  generateBundle() {
    this.emitFile({ type: 'asset', fileName: 'package.json', source: '{ "type": "commonjs" }\n' });
  },
  writeBundle: ({ dir = '' }) => chmodSync(join(dir, 'main.js'), 0o755),
};

/** Commander loads it for commands that are programs of their own, which we have none of. */
const noChildProcess: Plugin = {
  name: 'no-child-process',
  resolveId: (id, importer) =>
    id === 'node:child_process' && importer?.includes('commander') ? '\0no-child-process' : undefined,
  load: (id) => (id === '\0no-child-process' ? 'export default {};' : undefined),
};

export default defineConfig([
  {
    input: { main: 'src/cli/main.ts', 'code-cache': 'src/cli/code-cache.ts' },
    platform: 'node',
    plugins: [commonJs],
    output: {
      dir: 'dist/cli',
      format: 'cjs',
      cleanDir: true,
      entryFileNames: '[name].js',
      chunkFileNames: '[name].js',
    },
  },
  {
    input: { 'run-process': 'src/cli/run-process.ts' },
    platform: 'node',
    plugins: [noChildProcess],
    output: {
      dir: 'dist/cli/program',
      format: 'cjs',
      entryFileNames: '[name].js',
      chunkFileNames: '[name].js',
    },
  },
]);
