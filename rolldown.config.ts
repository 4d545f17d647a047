/**
 * Bundles the command line: dist/cli/main.js, which is called, and dist/cli/program/, which it loads. One file holds what
 * a start of the proxy needs; other commands, YAML and the stand-in are chunks of their own. CommonJS, since loading
 * it takes less than loading modules does.
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

/**
 * Chunks that are loaded when something in them is first asked for, though plain imports name them: what calls them cannot
 * wait for an `import()`. Expressions are a quarter of the code, and only rules that match bodies need them, as
 * only rules with regular expressions need those;
 * certificates are made when the first client shakes hands.
 */
const LAZY = ['expressions', 'regexes', 'certificates'];

const lazyChunks: Plugin = {
  name: 'lazy-chunks',
  renderChunk(code, chunk) {
    let lazy = code;
    for (const name of LAZY) {
      const call = `require("./${name}.js");`;
      if (chunk.name === name || !chunk.imports.includes(`${name}.js`)) continue;
      if (!lazy.includes(call)) throw new Error(`${chunk.fileName} loads ${name} in a way that is not known`);
      lazy = lazy.replace(call, `new Proxy({}, { get: (_, key) => require("./${name}.js")[key] });`);
    }
    return lazy === code ? null : lazy;
  },
};

export default defineConfig([
  {
    input: { main: 'src/cli/main.ts' },
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
    plugins: [noChildProcess, lazyChunks],
    // What comes of a chunk without its dependencies (`certificates`); said, or rolldown warns of choosing it.
    preserveEntrySignatures: 'allow-extension',
    output: {
      dir: 'dist/cli/program',
      format: 'cjs',
      codeSplitting: {
        groups: [
          { name: 'expressions', test: /@marcbachmann.cel-js/ },
          { name: 'regexes', test: /[\\/]re2js[\\/]/ },
          {
            name: 'certificates',
            test: /[\\/]src[\\/]ca[\\/](issuer|leaf|stranger-ca|certificate|key-identifier|extensions|der|write-name-constraints)\.ts$/,
            includeDependenciesRecursively: false,
          },
          // What the plugin shares with the proxy: one file, or a start would read a dozen.
          {
            name: 'proxy',
            test: /[\\/]src[\\/](app|engine|observe|core)[\\/](?!run[\\/])/,
            minShareCount: 2,
          },
        ],
      },
      entryFileNames: '[name].js',
      chunkFileNames: '[name].js',
    },
  },
]);
