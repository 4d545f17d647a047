/** What the faults of the catalogue are played on, whoever plays them: which of them, and answers that each finds its place in. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { faultCatalogue } from '../../src/core/faults/catalogue.ts';
import type { Changes } from '../../src/core/faults/fault.ts';

/** Faults on calls. What one with a memory does depends on calls before: `rate-limit.test.ts`. */
export const CALL_FAULTS = [...faultCatalogue.values()]
  .filter((fault) => fault.phase === 'exchange' && 'plan' in fault)
  .map(({ kind }) => kind);

/** What is left of an answer of which such a fault took hold. */
export const changesOf = (kind: string): Changes | undefined => faultCatalogue.get(kind)?.changes;

/** The body comes whole and as it was, though perhaps later. */
export const keepsTheBody = (kind: string): boolean => ['timing', 'head'].includes(changesOf(kind) ?? '');

export const actsOnBodies = (kind: string): boolean => kind.startsWith('body-');

/** An answer of one body. */
export const MESSAGE_JSON = JSON.stringify({
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  model: 'claude-opus-5-5',
  content: [
    { type: 'text', text: 'Some text that is long enough to be cut in the middle of it.' },
    { type: 'tool_use', id: 'toolu_1', name: 'get_weather', input: { city: 'Paris', unit: 'celsius' } },
  ],
  stop_reason: 'tool_use',
  stop_sequence: null,
  usage: { input_tokens: 10, output_tokens: 20 },
});

/** A stream of `test/fixtures/sse`: `thinking`, `tool-use` … */
export function streamFixture(name: string): string {
  return readFileSync(join(import.meta.dirname, '../fixtures/sse', `${name}.sse`), 'utf8');
}
