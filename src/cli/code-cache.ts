/**
 * Keeps what V8 made of the program's code, so that a start need not compile it again: a third of the time to listening.
 * Node 22 has `module.enableCompileCache` for this; Node 20 has not. The build makes the cache (`scripts/cache-code.mjs`);
 * V8 itself refuses one that another version made, and then the code is compiled as usual.
 */
import { readFileSync } from 'node:fs';
import Module from 'node:module';
import { dirname, sep } from 'node:path';
import { constants, Script } from 'node:vm';

/** Node's hook between reading a CommonJS file and running it; tools have relied on it for ten years. */
interface Compiles {
  _compile(
    this: { exports: unknown; require: unknown },
    source: string,
    file: string,
    format?: string,
  ): unknown;
}

/** Where the compiled code of a file is kept. */
export function cacheFileOf(file: string): string {
  return `${file}.cache`;
}

/**
 * Loads the CommonJS files below `directory` with their compiled code.
 *
 * @param onScript called with each file that was loaded, by the script that makes the cache
 */
export function useCodeCache(directory: string, onScript?: (script: Script, file: string) => void): void {
  const modules = (Module as unknown as { prototype: Compiles }).prototype;
  const compile = modules._compile;
  modules._compile = function (source, file, format) {
    const cachedData = file.startsWith(directory + sep) ? readCache(file) : undefined;
    if (cachedData === undefined && onScript === undefined) return compile.call(this, source, file, format);
    const script = new Script(`(function (exports, require, module, __filename, __dirname) {${source}\n})`, {
      filename: file,
      importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
      ...(cachedData === undefined ? {} : { cachedData }),
    });
    onScript?.(script, file);
    const run = script.runInThisContext() as (...scope: unknown[]) => unknown;
    const require = Module.createRequire(file);
    return run.call(this.exports, this.exports, require, this, file, dirname(file));
  };
}

function readCache(file: string): Buffer | undefined {
  try {
    return readFileSync(cacheFileOf(file));
  } catch {
    return undefined;
  }
}
