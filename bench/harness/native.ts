/** Compiles the load generator and the upstream from `bench/native/`, where they are older than their sources. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { folder, paths } from '../paths.ts';
import { has, run } from './command.ts';

/** How load generator and upstream are started: the compiled programs, or their stand-ins in Node. */
export interface Machinery {
  readonly kind: 'native' | 'node';
  readonly load: readonly string[];
  readonly upstream: readonly string[];
  /** Why it is not the native one. */
  readonly why?: string;
}

const SHARED = ['io.c', 'http.c'];
const PROGRAMS = {
  load: ['load.c', 'journey.c', 'options.c', 'request.c', 'samples.c', ...SHARED],
  upstream: ['upstream.c', 'sse.c', ...SHARED],
} as const;

const HINT = 'install a C compiler and the headers of OpenSSL 3, on Debian: apt-get install gcc libssl-dev';

function compile(name: keyof typeof PROGRAMS): string {
  const sources = join(paths.bench, 'native');
  const program = join(folder(paths.native), name);
  const newest = Math.max(...readdirSync(sources).map((file) => statSync(join(sources, file)).mtimeMs));
  if (existsSync(program) && statSync(program).mtimeMs > newest) return program;
  const args = ['-O2', '-Wall', '-Wextra', '-o', program, ...PROGRAMS[name], '-lssl', '-lcrypto'];
  run('cc', args, { cwd: sources, hint: HINT });
  return program;
}

/**
 * Makes load generator and upstream ready.
 *
 * @param native false: the stand-ins in Node even where a compiler is present
 */
export function machinery(native: boolean): Machinery {
  const standIn = (why: string): Machinery => ({
    kind: 'node',
    load: [process.execPath, join(paths.build, 'node', 'load.js')],
    upstream: [process.execPath, join(paths.build, 'node', 'upstream.js')],
    why,
  });
  if (!native) return standIn('asked for with --node-load');
  if (!has('cc')) return standIn(`no C compiler; ${HINT}`);
  try {
    return { kind: 'native', load: [compile('load')], upstream: [compile('upstream')] };
  } catch (reason) {
    return standIn((reason as Error).message);
  }
}
