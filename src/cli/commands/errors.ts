/** `errors`: the catalogue of errors, as a table or as JSON. */
import type { ApiError } from '../../core/anthropic/api-error.ts';
import { errorCatalogue } from '../../core/anthropic/errors.ts';
import { colorsFor } from '../colors.ts';
import { EXIT } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import type { CommandLine } from '../program.ts';

/** @returns the exit code */
export function errors(line: CommandLine, io: Io): number {
  if (line.switches.has('--json')) io.stdout.write(`${JSON.stringify(errorCatalogue, null, 2)}\n`);
  else io.stdout.write(errorTable(io));
  return EXIT.ok;
}

function errorTable(io: Io): string {
  const colors = colorsFor(io);
  const rows = errorCatalogue.map((error) => [
    String(error.status),
    error.name,
    error.type,
    retryText(error),
    error.summary,
  ]);
  const titles = ['status', 'name', 'error.type', 'retry', 'when'];
  const widths = titles.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]!.length)),
  );
  const format = (row: readonly string[]): string =>
    row
      .map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column]!)))
      .join('  ')
      .trimEnd();
  return [
    colors.bold(format(titles)),
    ...rows.map(format),
    '',
    'With --status-code the first of that status is injected; in a rules file "fault: NAME" injects any of them.',
    'errors --json has every detail: wordings, headers, what a good client does, and how each is known.',
    '',
  ].join('\n');
}

function retryText({ retryable, retryAfter }: ApiError): string {
  return retryable ? (retryAfter ? 'yes, after' : 'yes') : 'no';
}
