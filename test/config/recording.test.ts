/** Event logs that are read back: whole ones, and those that break off. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readRecording } from '../../src/config/recording.ts';
import { encodeEvent } from '../../src/observe/encode-event.ts';
import { decided, notice } from '../observe/sample-events.ts';
import { directoryWith } from './support.ts';

const ARMED = encodeEvent({ v: 1, type: 'rules.armed', at: 1, seed: '7', rules: ['default'] });
const CALLS = encodeEvent(decided(1)) + encodeEvent(decided(2));
const END = encodeEvent(notice('run-ended', '2 calls'));

const read = (text: string) => readRecording(join(directoryWith({ 'e.jsonl': text }), 'e.jsonl'));

describe('a recording', () => {
  it.each([
    ['whole', ARMED + CALLS + END],
    ['without its last line end', (ARMED + CALLS + END).trimEnd()],
  ])('%s is taken as it is', (_how, text) => {
    const { seed, decisions, notice } = read(text);
    expect([seed, decisions.length, notice]).toEqual(['7', 2, undefined]);
  });

  it.each([
    ['between two lines', ARMED + CALLS, 2, 3],
    ['amid a line', ARMED + CALLS.slice(0, -20), 1, 2],
    ['amid its last line', ARMED + CALLS + END.slice(0, -5), 2, 3],
  ])('that breaks off %s is taken as far as it goes, and that is told', (_where, text, calls, line) => {
    const { seed, decisions, notice } = read(text);
    expect([seed, decisions.length]).toEqual(['7', calls]);
    expect(notice).toMatch(
      new RegExp(`^the recording e\\.jsonl breaks off behind line ${line}: .*calls that come later .* pass$`),
    );
  });
});
