/** Variables as statements of a shell, for `env`: what is printed can be evaluated as it stands. */

export type Shell = 'sh' | 'fish' | 'powershell' | 'cmd';

const STATEMENT: Readonly<Record<Shell, (name: string, value: string) => string>> = {
  sh: (name, value) => `export ${name}='${value.replaceAll("'", `'\\''`)}'`,
  fish: (name, value) => `set -gx ${name} '${value.replace(/[\\']/g, '\\$&')}'`,
  powershell: (name, value) => `$env:${name} = '${value.replaceAll("'", "''")}'`,
  // Up to the last quote all is value, quotes too.
  cmd: (name, value) => `set "${name}=${value}"`,
};

/** How the statements are brought into the running shell. @param command that prints them */
const EVALUATE: Readonly<Record<Shell, (command: string) => string>> = {
  sh: (command) => `eval "$(${command})"`,
  fish: (command) => `${command} | source`,
  powershell: (command) => `${command} | Out-String | Invoke-Expression`,
  cmd: (command) => `for /f "delims=" %i in ('${command}') do @%i`,
};

/** One statement a line. */
export function shellScript(variables: Readonly<Record<string, string>>, shell: Shell): string {
  return Object.entries(variables)
    .map(([name, value]) => `${STATEMENT[shell](name, value)}\n`)
    .join('');
}

/** The line to type, e.g. `eval "$(anthropic-error-plugin env)"`. */
export function evaluation(command: string, shell: Shell): string {
  return EVALUATE[shell](command);
}

/**
 * The shell that most likely asks.
 *
 * @param platform `process.platform`
 */
export function likelyShell(env: Readonly<Record<string, string | undefined>>, platform: string): Shell {
  if (platform === 'win32') return env.PROMPT === undefined ? 'powershell' : 'cmd';
  return /(^|\/)fish$/.test(env.SHELL ?? '') ? 'fish' : 'sh';
}
