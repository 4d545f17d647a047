import { expect, test } from 'vitest';
import { faultCatalogue } from './catalogue.ts';
import { faultPresets } from './presets.ts';

test.each([...faultPresets])(
  '%s stands for a fault that parses',
  (name, { summary, fault: { kind, ...params } }) => {
    expect(faultCatalogue.get(kind)?.params.safeParse(params).error).toBeUndefined();
    expect(name).toMatch(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/);
    expect(summary).toMatch(/^[^\n]{10,120}[^.]$/);
  },
);

test('no preset hides another preset, or a kind that could be named alone', () => {
  for (const [kind, { params }] of faultCatalogue)
    if (params.safeParse({}).success) expect(faultPresets.has(kind)).toBe(false);
  expect([...faultPresets.keys()]).toHaveLength(new Set(faultPresets.keys()).size);
  expect(faultPresets.get('overloaded')?.fault).toEqual({ kind: 'http-error', name: 'overloaded' });
});
