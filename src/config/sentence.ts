/** One sentence for each thing that is wrong with a setting: where it stands, what it must be, what it is. */
import { withoutUser } from '../core/net/without-user.ts';
import type { Flaw } from './telling-issue.ts';

/** Settings whose value may hold a password: it is never shown. */
const SECRET = new Set(['upstream', 'upstream_proxy', 'headers']);
const LONGEST_SHOWN = 60;

/**
 * @param where what the user wrote it as, e.g. `--status-code` or `aep.yaml:3:14: status_code`
 * @param key the config key, to know whether its value may be shown
 */
export function flawSentence(where: string, key: string, flaw: Flaw, value: unknown): string {
  const { message } = flaw;
  if (message.startsWith('must ')) {
    const given = SECRET.has(key) ? '' : `, not ${shown(value)}`;
    return `${where} ${message}${given}`;
  }
  return /^(is|has) /.test(message) ? `${where} ${message}` : `${where}: ${message}`;
}

/** A value as a user would write it, shortened. */
export function shown(value: unknown): string {
  // JSON has no word for them, and YAML has: .nan, .inf, -.inf.
  const written = typeof value === 'number' ? String(value) : JSON.stringify(value);
  const text = withoutUser(written ?? 'nothing');
  return text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}…` : text;
}
