import { describe, expect, it } from 'vitest';
import { eventsOf, fixture } from '../../../test/support/play.ts';
import { estimateTokens, StreamPosition } from './stream-position.ts';

function positionAt(name: string, count: number, content = true): StreamPosition {
  const position = new StreamPosition(content);
  for (const event of eventsOf(fixture(name)).slice(0, count)) position.advance(event);
  return position;
}

const ALL = Number.POSITIVE_INFINITY;

describe('StreamPosition', () => {
  it('counts events without pings, and bytes with them', () => {
    const position = positionAt('text', ALL);
    expect(position.events).toBe(eventsOf(fixture('text')).length - 1);
    expect(position.bytes).toBe(fixture('text').length);
    expect([position.started, position.complete, position.failed]).toEqual([true, true, false]);
  });

  it('knows the open block and how much was written in it', () => {
    // message_start, content_block_start, ping, two pieces
    expect(positionAt('tool-use', 5).block).toEqual({ index: 0, kind: 'text', pieces: 2 });
    const inTool = positionAt('tool-use', 10);
    // the first piece of a tool's input is empty and does not count
    expect(inTool.block).toEqual({ index: 1, kind: 'tool_use', pieces: 1 });
    expect(inTool.blocks).toBe(1);
    expect(positionAt('tool-use', ALL).block).toBeUndefined();
  });

  it('counts characters of text only', () => {
    expect(positionAt('text', 5).text).toBe('Hello! I'.length);
    expect(positionAt('thinking', 6).text).toBe(0);
  });

  it('estimates tokens while they are not reported, and takes the report', () => {
    expect(positionAt('text', 3).tokens).toBe(1);
    expect(positionAt('text', 5).tokens).toBe(2);
    expect(positionAt('thinking', 6).tokens).toBe(
      estimateTokens('The user asks for 27 × 453.\n\n27 × 453 = 12,231.'.length),
    );
    expect(positionAt('text', ALL).tokens).toBe(12);
    expect([0, 1, 4, 5].map(estimateTokens)).toEqual([0, 1, 1, 2]);
  });

  it('sees an error of the upstream', () => {
    expect(positionAt('error-mid-text', ALL)).toMatchObject({ failed: true, complete: false });
  });

  it('does not look into events unless told to', () => {
    const { text, block, tokens, events, started } = positionAt('text', 5, false);
    expect({ text, block, tokens, events, started }).toEqual({
      ...{ text: 0, block: undefined, tokens: 0 },
      ...{ events: 4, started: true },
    });
  });
});
