/**
 * Which modules a plain start of the product loads although nothing has used them yet.
 * Node's own coverage output names every script that a process loaded.
 */
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { BenchContext } from '../harness/bench-context.ts';
import { freePort, Server } from '../harness/server.ts';
import type { Scenario, Subject } from '../model.ts';
import { folder, paths } from '../paths.ts';

/** What a start without a config file, with an authority already made, has no use for: gRPC, YAML, making certificates. */
const LAZY = [
  /\/node_modules\/(yaml|@grpc|@bufbuild|@connectrpc|protobufjs)\//,
  /\/dist\/(grpc|admin|dashboard|mock)\//,
  /\/dist\/ca\/(own-ca|stranger-ca|issuer|leaf|certificate|extensions|der)\.js$/,
];

function scripts(coverage: string): string[] {
  return readdirSync(coverage).flatMap((file) => {
    const { result } = JSON.parse(readFileSync(join(coverage, file), 'utf8')) as {
      result: { url: string }[];
    };
    return result.map(({ url }) => url);
  });
}

/**
 * Starts the product, stops it and looks.
 *
 * @returns paths of such modules; undefined where the scripts cannot be told apart (a bundle, or no clean end)
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
  const loaded = scripts(coverage);
  rmSync(coverage, { recursive: true });
  if (!loaded.some((url) => url.includes('/dist/engine/'))) return undefined;
  return loaded.filter((url) => LAZY.some((pattern) => pattern.test(url)));
}
