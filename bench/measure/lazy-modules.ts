/**
 * Which modules a plain start of the product loads although nothing has used them yet.
 * Node's own coverage output names every script that a process loaded.
 */
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BenchContext } from '../harness/bench-context.ts';
import { freePort, Server } from '../harness/server.ts';
import type { Scenario, Subject } from '../model.ts';
import { folder, paths } from '../paths.ts';

/** What a start without a config file, with an authority already made, has no use for: gRPC, YAML, making certificates. */
const LAZY = [
  /node_modules\/(yaml|@grpc|@bufbuild|@connectrpc|protobufjs)\//,
  /(src|dist)\/(grpc|admin|dashboard|mock)\//,
  /(src|dist)\/ca\/(own-ca|stranger-ca|issuer|leaf|certificate|extensions|der|write-name-constraints)\.[jt]s$/,
];

/** A bundle names the modules in it by comments that stand alone on a line. */
function modules(script: string): string[] {
  const inside = readFileSync(script, 'utf8').matchAll(/^\/\/ ((?:src|node_modules)\/\S+\.\w+)$/gm);
  const names = [...inside].map(([, name]) => name!);
  return names.length > 0 ? names : [script];
}

/** Modules of ours and of packages in the scripts that a process loaded. */
function loadedModules(coverage: string): string[] {
  const urls = readdirSync(coverage).flatMap((file) => {
    const { result } = JSON.parse(readFileSync(join(coverage, file), 'utf8')) as {
      result: { url: string }[];
    };
    return result.map(({ url }) => url);
  });
  return urls.filter((url) => url.startsWith('file:')).flatMap((url) => modules(fileURLToPath(url)));
}

/**
 * Starts the product, stops it and looks.
 *
 * @returns such modules; undefined where the process left no record (it did not end by itself)
 */
export async function lazyModulesLoaded(
  bench: BenchContext,
  { task, form }: Scenario,
  subject: Subject,
): Promise<readonly string[] | undefined> {
  const port = await freePort();
  const launch = subject.launch(bench.lab, { task, form, port });
  const coverage = folder(paths.work, 'loaded-scripts');
  const server = new Server('start-scripts', {
    ...launch,
    env: { ...launch.env, NODE_V8_COVERAGE: coverage },
  });
  try {
    await server.ready(port);
  } finally {
    await server.end();
  }
  const loaded = loadedModules(coverage);
  rmSync(coverage, { recursive: true });
  if (loaded.length === 0) return undefined;
  return loaded.filter((name) => LAZY.some((pattern) => pattern.test(name)));
}
