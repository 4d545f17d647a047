/** Config files of the product's variants, in the rules language. */

/** 50 rules that read path, headers and model, of which none matches what the load generator sends. */
function fiftyRules(): string {
  const lines = ['rules:'];
  for (let i = 0; i < 50; i++) {
    const when = [
      `{ path: /v1/elsewhere-${i}/* }`,
      `{ path: /v1/messages, header: { x-bench-rule: "value-${i}" } }`,
      `{ path: /v1/messages, model: "claude-none-${i}-*" }`,
    ][i % 3];
    lines.push(`  - name: rule-${i}`, `    when: ${when}`, '    fault: overloaded');
  }
  return `${lines.join('\n')}\n`;
}

export const FIFTY_RULES = fiftyRules();

/** Every stream gets a filter that waits for an event that does not come. */
export const SLEEPING_STREAM_FAULT = `rules:
  - name: sleeping
    trigger: always
    fault: { kind: stream-error, error: overloaded_error, after: { events: 1000000 } }
`;
