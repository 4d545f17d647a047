/** The rooms of `src/` and who may import whom: docs/architecture.md shows it, test/architecture holds every import against it. */

export interface Room {
  readonly holds: string;
  /** Besides itself. `node` stands for Node's own modules, other words are rooms and packages. */
  readonly imports: readonly string[];
}

export const ROOMS: Readonly<Record<string, Room>> = {
  core: {
    holds:
      'facts, effects, events, rules, faults, matchers, triggers, scenarios, the HTTP/1.1 and SSE codecs, the API’s catalogue: pure, no I/O, no clock, no chance of its own',
    imports: ['zod', '@marcbachmann/cel-js', 're2js'],
  },
  ca: { holds: 'the certificate authority and how to trust it', imports: ['core', 'node'] },
  mock: { holds: 'the stand-in for the Claude API', imports: ['core', 'node'] },
  observe: {
    holds: 'what listens to events: log, recorder, summary',
    imports: ['core', 'node', 'picocolors'],
  },
  config: {
    holds: 'one table of settings, merged from flags, environment, file and defaults',
    imports: ['core', 'node', 'zod', 'yaml'],
  },
  engine: { holds: 'the journey above', imports: ['core', 'ca', 'node'] },
  app: {
    holds:
      '`startProxy()`, the composition root; `rule-store.ts`, where rules are changed; what `run` does for a command',
    imports: ['core', 'ca', 'mock', 'observe', 'config', 'engine', 'node', 'cross-spawn', 'zod'],
  },
  grpc: {
    holds: 'a face: the plugin for the fault proxy',
    imports: ['core', 'engine', 'app', 'node', '@grpc/grpc-js', '@bufbuild/protobuf'],
  },
  cli: {
    holds: 'a face: the command line',
    imports: [
      'core',
      'ca',
      'mock',
      'observe',
      'config',
      'app',
      'grpc',
      'node',
      'commander',
      'picocolors',
      'zod',
      'yaml',
      'package.json',
    ],
  },
};
