/** Kept compiled code: used when it fits, ignored when it does not, and never a difference in what the program does. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { directoryWith } from '../config/support.ts';
import { buildProgram } from './built-program.ts';

let built: string;
beforeAll(async () => {
  built = dirname(await buildProgram());
}, 60_000);

/** Loads `program/a.js` in a new process; says what it exports, and what V8 did with its cache. */
function load(folder: string, keep: boolean): unknown {
  const script = `
    const { cacheFileOf, useCodeCache } = require(${JSON.stringify(join(built, 'code-cache.js'))});
    const seen = [];
    useCodeCache(${JSON.stringify(join(folder, 'program'))}, (script, file) => seen.push([script, file]));
    const loaded = require(${JSON.stringify(join(folder, 'program', 'a.js'))});
    const used = seen.map(([script]) => script.cachedDataRejected);
    if (${keep}) for (const [script, file] of seen) require('node:fs').writeFileSync(cacheFileOf(file), script.createCachedData());
    console.log(JSON.stringify({ loaded, used }));`;
  return JSON.parse(execFileSync(process.execPath, ['-e', script], { encoding: 'utf8' }));
}

it('gives the same program with its cache, without it, and with one that does not fit', () => {
  const folder = directoryWith();
  const program = join(folder, 'program');
  mkdirSync(join(program, 'deep'), { recursive: true });
  writeFileSync(
    join(program, 'a.js'),
    'exports.sum = (() => require("./deep/b.js").two + 2)();\nexports.here = [__filename, __dirname, typeof module, this === exports];\n// end',
  );
  writeFileSync(
    join(program, 'deep/b.js'),
    'module.exports = { two: require("node:path").basename(__dirname) === "deep" ? 2 : 0 };',
  );
  const loaded = { sum: 4, here: [join(program, 'a.js'), program, 'object', true] };
  expect(load(folder, true)).toEqual({ loaded, used: [null, null] });
  expect(load(folder, false)).toEqual({ loaded, used: [false, false] });
  writeFileSync(join(program, 'a.js.cache'), 'junk');
  expect(load(folder, false)).toEqual({ loaded, used: [true, false] });
});
