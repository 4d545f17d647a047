import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { topLevelText } from './top-level-text.ts';

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const model = (text: string): string | undefined | null => topLevelText(encode(text), 'model');

describe('topLevelText', () => {
  test.each([
    ['{"model":"claude-x","messages":[]}', 'claude-x'],
    ['{"messages":[{"role":"user","content":"a\\"model\\":\\"no\\""}],"model":"claude-x"}', 'claude-x'],
    [' {\n "max_tokens" : 64 ,\t"model" : "claude-x" }\r\n', 'claude-x'],
    ['{"tools":[{"model":"inner"}],"metadata":{"model":"inner"}}', undefined],
    ['{"model":"a","model":"b"}', 'b'],
    ['{"model":"a","model":7}', undefined],
    ['{"model":""}', ''],
    ['{}', undefined],
    ['{"x":"ends in a backslash \\\\","model":"claude-x"}', 'claude-x'],
    ['{"x":true,"y":null,"z":-1.5e3,"model":"claude-x"}', 'claude-x'],
  ])('%s', (text, found) => {
    expect(model(text)).toBe(found);
  });

  test.each([
    ['an escape in the text', '{"model":"claude\\u002dx"}'],
    ['an escape in a name', '{"mod\\u0065l":"claude-x"}'],
    ['a text beyond ASCII', '{"model":"clöde"}'],
    ['a long text', `{"model":"${'x'.repeat(300)}"}`],
    ['a list', '["model"]'],
    ['nothing', ''],
    ['what ends early', '{"model":"claude-x"'],
    ['a comma at the end', '{"model":"claude-x",}'],
  ])('leaves %s to a parser', (_, text) => {
    expect(model(text)).toBeNull();
  });

  test('agrees with JSON.parse on every object, or says that it cannot tell', () => {
    const members = fc.array(fc.tuple(fc.oneof(fc.constant('model'), fc.string()), fc.jsonValue()));
    const spaces = fc.constantFrom(undefined, 1, '\t');
    let told = 0;
    fc.assert(
      fc.property(
        members,
        spaces,
        fc.constantFrom('claude-x', 'a b', '\\"', 'é', 7),
        (list, space, value) => {
          const all = [...list, ['model', value] as const];
          // Put together by hand, so that names stand twice.
          const text = `{${all.map(([name, of]) => `${JSON.stringify(name)}:${JSON.stringify(of, null, space)}`).join(',')}}`;
          const parsed: unknown = (JSON.parse(text) as { model?: unknown }).model;
          const found = model(text);
          if (found === null) return;
          told++;
          expect(found).toBe(typeof parsed === 'string' ? parsed : undefined);
        },
      ),
      { numRuns: 500 },
    );
    expect(told).toBeGreaterThan(50);
  });

  test('never throws, whatever the bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => void topLevelText(bytes, 'model')));
  });
});
