// `npm run docs` writes the generated documents; `npm run docs -- --check` fails where one differs from its source.
// The generators are TypeScript, which Node 20 does not run: they are bundled first.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { rolldown } from 'rolldown';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
const built = 'node_modules/.cache/anthropic-error-plugin/docs.mjs';
const bundle = await rolldown({
  input: 'scripts/docs/generators.ts',
  platform: 'node',
  external: [/^[^./]/],
});
await bundle.write({ file: built, format: 'esm' });
const { generators } = await import(pathToFileURL(built).href);

const check = process.argv.includes('--check');
let stale = 0;
for (const { file, make } of generators) {
  const text = make();
  if (text === read(file)) continue;
  if (check) {
    stale++;
    console.error(`${file} is not what its source says: run npm run docs`);
  } else {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    console.log(`wrote ${file}`);
  }
}
process.exitCode = stale > 0 ? 1 : 0;

function read(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
