/** The flat keys as the one rule that they stand for. */
import type { FlatRule } from './settings.ts';

/** Name of that rule: the marker of its errors is `default/http-error`, and its draws come from this name. */
export const FLAT_RULE_NAME = 'default';

/** The rule, as it would stand in a rules file. */
export function flatRule(flat: FlatRule): Record<string, unknown> {
  const { probability, status, body, headers, retryAfter, maxErrors, onlyPath } = flat;
  return {
    name: FLAT_RULE_NAME,
    ...(onlyPath === undefined ? {} : { when: { path: onlyPath } }),
    trigger: { probability },
    ...(maxErrors === undefined ? {} : { limit: { times: maxErrors } }),
    fault: {
      kind: 'http-error',
      status,
      ...(body === undefined ? {} : { body }),
      ...(headers === undefined ? {} : { headers }),
      ...(retryAfter === undefined ? {} : { retry_after: retryAfter }),
    },
  };
}
