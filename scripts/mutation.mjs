// `npx -p node@22 node scripts/mutation.mjs core/http1`: how many small mistakes, put into these sources one at a time, the tests
// beside them find. Stryker needs Node 22 and is installed under .ci-work/, beside the project. The report comes there too.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const areas = process.argv.slice(2);
if (areas.length === 0 || Number(process.versions.node.split('.')[0]) < 22) {
  console.error('usage, on Node 22 or newer: node scripts/mutation.mjs AREA…, as core/http1');
  process.exit(2);
}
process.chdir(fileURLToPath(new URL('..', import.meta.url)));
const home = '.ci-work/stryker';
mkdirSync(home, { recursive: true });
const stryker = join(home, 'node_modules/@stryker-mutator/core/bin/stryker.js');
if (!existsSync(stryker)) {
  const packages = ['@stryker-mutator/core@10', '@stryker-mutator/vitest-runner@10'];
  // Without its peers: the vitest that runs is the project's own.
  const args = ['install', '--no-save', '--legacy-peer-deps', '--prefix', home, ...packages];
  execFileSync('npm', args, { stdio: 'inherit' });
}
const tests = join(home, 'vitest.config.mjs');
const include = areas.map((area) => `src/${area}/**/*.test.ts`);
const root = process.cwd();
writeFileSync(tests, `export default { test: { include: ${JSON.stringify(include)}, pool: 'threads' } };\n`);
const config = join(home, 'config.json');
writeFileSync(
  config,
  JSON.stringify({
    testRunner: 'vitest',
    plugins: [join(root, home, 'node_modules/@stryker-mutator/vitest-runner/dist/src/index.js')],
    vitest: { configFile: join(root, tests), related: false },
    mutate: areas.flatMap((area) => [`src/${area}/**/*.ts`, `!src/${area}/**/*.test.ts`]),
    ignorePatterns: ['.nodes', '.clients', '.ci-work', 'dist', 'bench/results'],
    tempDirName: join(home, 'tmp'),
    // It would be read by a way into the compiler that TypeScript 7 no longer has.
    tsconfigFile: 'none',
    coverageAnalysis: 'perTest',
    concurrency: 1,
    reporters: ['clear-text', 'json'],
    jsonReporter: { fileName: join(home, 'report.json') },
  }),
);
process.exitCode = spawnSync(process.execPath, [stryker, 'run', config], { stdio: 'inherit' }).status ?? 1;
