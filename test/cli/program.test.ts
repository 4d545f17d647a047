/** The command line as it is read: where flags may stand, how switches are undone, what help says. */
import { describe, expect, it } from 'vitest';
import { COMMANDS, type CommandEntry } from '../../src/cli/command-table.ts';
import { parseCommandLine } from '../../src/cli/program.ts';
import { FLAGS } from '../../src/config/flags.ts';

function parse(args: string) {
  let out = '';
  const io = { stdout: { write: (text: string) => (out += text) } };
  const line = parseCommandLine(
    args.split(' ').filter(Boolean),
    io as Parameters<typeof parseCommandLine>[1],
  );
  return { line, out };
}

const flags = (args: string) => Object.fromEntries(parse(args).line?.flags ?? []);

describe('flags', () => {
  it('are given by name, with a space or =, several times', () => {
    expect(flags('--seed 7 --target-host=a --target-host b --quiet')).toEqual({
      '--seed': ['7'],
      '--target-host': ['a', 'b'],
      '--quiet': true,
    });
  });

  it('say nothing of what was not given', () => {
    expect(flags('--standalone')).toEqual({ '--standalone': true });
  });

  it('undo each other, the last wins', () => {
    expect(flags('--no-quiet')).toEqual({ '--quiet': false });
    expect(flags('--no-marker')).toEqual({ '--no-marker': false });
    expect(flags('--no-marker --marker')).toEqual({ '--no-marker': true });
    expect(flags('--quiet --no-quiet')).toEqual({ '--quiet': false });
  });

  it('may stand before the command or after it', () => {
    for (const args of ['--state-dir x ca show', 'ca show --state-dir x'])
      expect(parse(args).line).toMatchObject({
        command: 'ca show',
        flags: new Map([['--state-dir', ['x']]]),
      });
  });

  it('may have a value that looks like a number below zero', () => {
    expect(flags('--error-probability -1')).toEqual({ '--error-probability': ['-1'] });
  });
});

describe('commands', () => {
  it.each(
    (COMMANDS as readonly CommandEntry[]).map((entry) => [entry.name || 'the program', entry] as const),
  )('%s has help with all its flags', (_name, entry) => {
    const { line, out } = parse(`${entry.name} --help`);
    expect(line).toBeUndefined();
    for (const flag of FLAGS)
      expect(out.includes(`  ${flag.name}`), flag.name).toBe(entry.flags.includes(flag.name));
  });

  it('take their argument and own switches', () => {
    expect(parse('ca export out.crt').line).toMatchObject({ command: 'ca export' });
    expect([...(parse('errors --json').line?.switches ?? [])]).toEqual(['--json']);
  });

  it('name only flags of the table', () => {
    const names = new Set(FLAGS.map(({ name }) => name));
    for (const { flags } of COMMANDS as readonly CommandEntry[])
      expect(flags.filter((name) => !names.has(name as `--${string}`))).toEqual([]);
  });
});
