/** Who may import whom (docs/architecture.md): a table of rooms, checked over every import in src/. */
import { readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { describe, expect, it } from 'vitest';
import { filesIn, importsOf, roomOf, SRC } from './imports.ts';

/** What each room may import, besides itself. `node` stands for Node's own modules, other words are packages. */
const ROOMS: Record<string, readonly string[]> = {
  core: ['zod', '@marcbachmann/cel-js', 're2js'],
  ca: ['core', 'node'],
  mock: ['core', 'node'],
  observe: ['core', 'node', 'picocolors'],
  config: ['core', 'node', 'zod', 'yaml'],
  engine: ['core', 'ca', 'node'],
  app: ['core', 'ca', 'mock', 'observe', 'config', 'engine', 'node', 'cross-spawn', 'zod'],
  run: ['core', 'ca', 'observe', 'app', 'node', 'cross-spawn', 'undici'],
  grpc: ['core', 'engine', 'app', 'node', '@grpc/grpc-js', '@bufbuild/protobuf'],
  testing: ['core', 'app', 'node'],
  cli: [
    'core',
    'ca',
    'mock',
    'observe',
    'config',
    'app',
    'run',
    'grpc',
    'node',
    'commander',
    'picocolors',
    'zod',
    'yaml',
    'package.json',
  ],
};

/** Folders of the engine, from the top down: each may import from those below it, and the files above all may import from any. */
const ENGINE = [
  'accept',
  'http1',
  'call',
  'response',
  'injection',
  'request',
  'tunnel',
  'connection',
  'front',
  'problems',
  'plan',
  'upstream',
  'transport',
];

/** Faces and standing-apart rooms that `cli` loads with `import()`, in the command that needs them. */
const LAZY = new Set(['mock', 'grpc', 'run']);

const files = filesIn(SRC);
const imports = files.flatMap(importsOf);

describe('rooms', () => {
  it('are all in the table', () => {
    const rooms = new Set(files.map(roomOf));
    rooms.delete('index');
    expect([...rooms].filter((room) => !(room in ROOMS))).toEqual([]);
  });

  it('import only what their row says', () => {
    const wrong = imports.filter(
      ({ room, from }) => room !== 'index' && from !== room && !ROOMS[room]?.includes(from),
    );
    expect(wrong.map(({ file, specifier }) => `${file} imports ${specifier}`)).toEqual([]);
  });

  it('of the engine look down alone', () => {
    const folderOf = (path: string): string => {
      const [room, folder, file] = relative(SRC, path).split(sep);
      return room === 'engine' && file !== undefined ? (folder ?? '') : '';
    };
    const inEngine = imports.filter(({ file, target }) => file.startsWith('engine') && target !== undefined);
    const wrong = inEngine.filter(({ file, target }) => {
      const from = folderOf(join(SRC, file));
      const to = folderOf(target as string);
      if (roomOf(target as string) !== 'engine' || from === to) return false;
      return from !== '' && (to === '' || ENGINE.indexOf(to) <= ENGINE.indexOf(from));
    });
    expect(wrong.map(({ file, specifier }) => `${file} imports ${specifier}`)).toEqual([]);
    const folders = new Set(files.map(folderOf));
    folders.delete('');
    expect([...folders].sort()).toEqual([...ENGINE].sort());
  });

  it('load lazily what a plain start does not need', () => {
    const eager = imports.filter(
      ({ room, from, lazy, typeOnly }) => room === 'cli' && LAZY.has(from) && !lazy && !typeOnly,
    );
    const inOwnCommand = (file: string): boolean => /^cli[\\/](commands|docs)[\\/]/.test(file);
    expect(
      eager.filter(({ file }) => !inOwnCommand(file)).map(({ file, specifier }) => `${file}: ${specifier}`),
    ).toEqual([]);
  });

  it('keep time, chance and I/O out of the core', () => {
    const impure =
      /\b(Date\.now|new Date\(\)|Math\.random|setTimeout|setInterval|setImmediate|performance\.now|process\.)/;
    const wrong = files
      .filter((file) => roomOf(file) === 'core')
      .flatMap((file) =>
        readFileSync(file, 'utf8')
          .split('\n')
          .filter((line) => impure.test(line) && !/^\s*(\*|\/\/|\/\*)/.test(line))
          .map((line) => `${relative(SRC, file)}: ${line.trim()}`),
      );
    expect(wrong).toEqual([]);
  });

  it('hold no default exports and no file beyond 450 lines', () => {
    const wrong = files.flatMap((file) => {
      const text = readFileSync(file, 'utf8');
      const lines = text.split('\n').length;
      return [
        ...(/^export default/m.test(text) ? [`${relative(SRC, file)} has a default export`] : []),
        ...(lines > 450 && !/[\\/]gen[\\/]/.test(file) ? [`${relative(SRC, file)} has ${lines} lines`] : []),
      ];
    });
    expect(wrong).toEqual([]);
  });
});
