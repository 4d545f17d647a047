/** Files that a text names, and whether there are such files. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './imports.ts';

/** Folders whose files a comment or a page of ours may name. */
const FOLDERS = ['src', 'test', 'scripts', 'bench', 'docs', 'preload'];

/** A word with an ending of our files; not part of an address, of a glob or of a path to put in for. */
const FILE = /(?<![\w@.:/~*<>{}$-])(?:\.{1,2}\/)*[\w-]+(?:[./][\w.-]+)*\.(?:ts|mjs|cjs|md)\b(?![\w/*<-])/g;

/** A folder of ours, as it is written in Markdown and comments. */
const FOLDER =
  /`((?:src|test|scripts|bench|docs|engine|core|ca|mock|observe|config|app|cli|grpc)(?:\/[\w-]+)*\/)`/g;

/** Every file, from the package's root, with forward slashes. */
const files: readonly string[] = [
  ...readdirSync(ROOT),
  ...FOLDERS.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map(
      (name) => `${folder}/${name.replaceAll('\\', '/')}`,
    ),
  ),
];

/** The ends of their paths: a file may be named by its name, with some of its folders, or in full. */
const known = new Set(
  files.flatMap((file) => {
    const parts = file.split('/');
    return parts.map((_, i) => parts.slice(i).join('/'));
  }),
);

/** Files and folders that a text names and that are nowhere, as it names them. */
export function unknownFiles(text: string): readonly string[] {
  const named = [
    ...[...text.matchAll(FILE)].map(([name]) => name),
    ...[...text.matchAll(FOLDER)].map(([, name = '']) => name.slice(0, -1)),
  ];
  return [...new Set(named.filter((name) => !known.has(name.replace(/^(\.{1,2}\/)+/, ''))))];
}
