// Keeps the compiled code of the command line (see src/cli/code-cache.ts): runs the built program once, up to
// listening on a loopback port and stopping, and writes what V8 has compiled by then beside each file.
// Without it everything works, and starts slower; so a failure here is told, and does not fail the build.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('../dist/cli/program', import.meta.url));
const require = createRequire(import.meta.url);
const { cacheFileOf, useCodeCache } = require('../dist/cli/code-cache.js');

const scripts = [];
useCodeCache(program, (script, file) => scripts.push([script, file]));

const state = mkdtempSync(join(tmpdir(), 'aep-cache-code-'));
for (const name of Object.keys(process.env)) if (/^AEP_|_proxy$/i.test(name)) delete process.env[name];
const run = ['--standalone', '--upstream', 'mock', '--proxy-port', '0', '--for', '1ms', '--state-dir', state];
process.argv = [process.argv[0], join(program, 'run-process.js'), ...run];
process.stdout.write = (_text, ...rest) => {
  rest.at(-1)?.();
  return true;
};
process.on('exit', (code) => {
  rmSync(state, { recursive: true, force: true });
  if (code !== 0) {
    process.stderr.write('the compiled code was not kept: the command line will start slower\n');
    process.exitCode = 0;
    return;
  }
  for (const [script, file] of scripts) writeFileSync(cacheFileOf(file), script.createCachedData());
});
require(join(program, 'run-process.js'));
