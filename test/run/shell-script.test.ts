import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { evaluation, likelyShell, shellScript } from '../../src/app/run/shell-script.ts';

const HARD = { PLAIN: 'http://127.0.0.1:8080', HARD: `--require "/a b/it's \\ $HOME \`x\` %PATH%.cjs"` };

describe('shellScript', () => {
  it.runIf(process.platform !== 'win32')('survives the sh that evaluates it', () => {
    const script = `${shellScript(HARD, 'sh')}printf '%s\\n' "$PLAIN" "$HARD"`;
    expect(execFileSync('sh', ['-c', script], { encoding: 'utf8' })).toBe(`${HARD.PLAIN}\n${HARD.HARD}\n`);
  });

  // These shells are not on every machine: their quoting is given by their manuals, and not run here.
  it('quotes for the others', () => {
    const value = { A: `it's \\ "x"` };
    expect(shellScript(value, 'fish')).toBe(`set -gx A 'it\\'s \\\\ "x"'\n`);
    expect(shellScript(value, 'powershell')).toBe(`$env:A = 'it''s \\ "x"'\n`);
    expect(shellScript(value, 'cmd')).toBe(`set "A=it's \\ "x""\n`);
  });

  it('says how it is evaluated', () => {
    expect(evaluation('x env', 'sh')).toBe('eval "$(x env)"');
    expect(evaluation('x env', 'fish')).toBe('x env | source');
  });
});

describe('likelyShell', () => {
  it.each([
    [{ SHELL: '/usr/bin/fish' }, 'linux', 'fish'],
    [{ SHELL: '/bin/zsh' }, 'darwin', 'sh'],
    [{}, 'linux', 'sh'],
    [{ PROMPT: '$P$G' }, 'win32', 'cmd'],
    [{}, 'win32', 'powershell'],
  ] as const)('%j on %s: %s', (env, platform, shell) => {
    expect(likelyShell(env, platform)).toBe(shell);
  });
});
