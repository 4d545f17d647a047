/** Who may import whom (docs/architecture.md): a table of rooms, checked over every import in src/. */
import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ABOVE, engineFolder } from '../../scripts/docs/architecture/engine-arrows.ts';
import { ENGINE_FOLDERS } from '../../scripts/docs/architecture/engine-folders.ts';
import { ROOMS } from '../../scripts/docs/architecture/rooms.ts';
import { filesIn, importsOf, roomOf, SRC } from './imports.ts';

/** Faces and standing-apart rooms that `cli` loads with `import()`, in the command that needs them. */
const LAZY = new Set(['mock', 'grpc']);

const files = filesIn(SRC);
const imports = files.flatMap(importsOf);

describe('rooms', () => {
  it('are all in the table', () => {
    const rooms = new Set(files.map(roomOf));
    rooms.delete('index');
    expect([...rooms].sort()).toEqual(Object.keys(ROOMS).sort());
  });

  it('import only what their row says', () => {
    const wrong = imports.filter(
      ({ room, from }) => room !== 'index' && from !== room && !ROOMS[room]?.imports.includes(from),
    );
    expect(wrong.map(({ file, specifier }) => `${file} imports ${specifier}`)).toEqual([]);
  });

  it('of the engine look down alone', () => {
    const names = ENGINE_FOLDERS.map(({ name }) => name);
    const rank = [ABOVE, ...names];
    const wrong = imports.filter(({ file, target }) => {
      const from = engineFolder(join(SRC, file));
      const to = target === undefined ? undefined : engineFolder(target);
      if (from === undefined || to === undefined || from === to) return false;
      return rank.indexOf(to) <= rank.indexOf(from);
    });
    expect(wrong.map(({ file, specifier }) => `${file} imports ${specifier}`)).toEqual([]);
    const folders = new Set(
      files.map(engineFolder).filter((folder) => folder !== undefined && folder !== ABOVE),
    );
    expect([...folders].sort()).toEqual([...names].sort());
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

  it('hold no default exports and no file beyond 300 lines', () => {
    const wrong = files.flatMap((file) => {
      const text = readFileSync(file, 'utf8');
      const lines = text.split('\n').length - 1; // it ends with one
      return [
        ...(/^export default/m.test(text) ? [`${relative(SRC, file)} has a default export`] : []),
        ...(lines > 300 && !/[\\/]gen[\\/]/.test(file) ? [`${relative(SRC, file)} has ${lines} lines`] : []),
      ];
    });
    expect(wrong).toEqual([]);
  });
});
