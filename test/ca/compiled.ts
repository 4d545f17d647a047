/** Compiles a module of `src/ca` to plain JavaScript, so that tests can start real processes that use it. */
import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** @returns the URL to import the compiled module by, in any Node */
export async function compiled(module: string, directory: string): Promise<string> {
  const outDir = join(directory, 'js');
  const config = join(directory, 'tsconfig.json');
  await mkdir(outDir, { recursive: true });
  await writeFile(join(outDir, 'package.json'), '{"type":"module"}');
  const compilerOptions = {
    noEmit: false,
    noCheck: true,
    outDir,
    rootDir: join(ROOT, 'src'),
    typeRoots: [join(ROOT, 'node_modules', '@types')],
  };
  await writeFile(
    config,
    JSON.stringify({
      extends: join(ROOT, 'tsconfig.json'),
      compilerOptions,
      include: [],
      files: [join(ROOT, module)],
    }),
  );
  const compiler = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
  await promisify(execFile)(process.execPath, [compiler, '-p', config]);
  return pathToFileURL(join(outDir, relative('src', module).replace(/\.ts$/, '.js'))).href;
}
