/** An environment with variables set in it, by the rules of its platform. */

/** On Windows a variable replaces every spelling of its name: of two spellings, the child would get either. */
export function withChanges(
  env: Readonly<Record<string, string | undefined>>,
  changes: Readonly<Record<string, string>>,
  platform: string,
): Record<string, string | undefined> {
  if (platform !== 'win32') return { ...env, ...changes };
  const names = new Set(Object.keys(changes).map((name) => name.toUpperCase()));
  const others = Object.entries(env).filter(([name]) => !names.has(name.toUpperCase()));
  return { ...Object.fromEntries(others), ...changes };
}
