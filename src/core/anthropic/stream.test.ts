import { describe, expect, it } from 'vitest';
import { eventsOf, fixture } from '../../../test/support/play.ts';
import { encodeEvent } from '../sse/encode.ts';
import { isCounted, readData, typeOf, writtenIn } from './stream.ts';
import { editData, PING, streamEvent } from './stream-edit.ts';

const delta = (value: Record<string, unknown>) =>
  readData(streamEvent({ type: 'content_block_delta', delta: value }));

describe('readData', () => {
  it('gives objects and nothing else, and never throws', () => {
    expect(readData(encodeEvent('a', '{"b":1}'))).toEqual({ b: 1 });
    for (const data of ['{"b":', '1', 'null', '[]', '', undefined]) {
      expect(readData(encodeEvent('a', data))).toBeUndefined();
    }
  });
});

describe('typeOf and isCounted', () => {
  it('go by the name, else by the data', () => {
    expect(typeOf(encodeEvent('a', '{"type":"b"}'))).toBe('a');
    expect(typeOf(encodeEvent(undefined, '{"type":"b"}'))).toBe('b');
    expect(typeOf(encodeEvent('', '{"type":"b"}'))).toBe('b');
    expect(typeOf(encodeEvent(undefined, 'b'))).toBeUndefined();
  });

  it('count no pings and no comments', () => {
    const events = eventsOf(
      ': comment\n\nevent: ping\ndata: {}\n\ndata: {"type":"ping"}\n\nevent: x\n\ndata: 1\n\n',
    );
    expect(events.map(isCounted)).toEqual([false, false, false, false, true]);
    expect(isCounted(PING)).toBe(false);
  });
});

describe('writtenIn', () => {
  it('finds what the model wrote', () => {
    expect(writtenIn(delta({ type: 'text_delta', text: 'a' }))).toEqual({ field: 'text', text: 'a' });
    expect(writtenIn(delta({ type: 'input_json_delta', partial_json: '{' }))?.text).toBe('{');
    expect(writtenIn(delta({ type: 'thinking_delta', thinking: 'hm' }))?.text).toBe('hm');
    expect(writtenIn(delta({ type: 'signature_delta', signature: 's' }))).toBeUndefined();
    expect(writtenIn(delta({ type: 'constructor' }))).toBeUndefined();
    expect(writtenIn(undefined)).toBeUndefined();
  });
});

describe('editData', () => {
  it('changes nothing but the edited field: name, line ends and padding stay', () => {
    const [event] = eventsOf('event: a\r\ndata: {"x":1,"y":"}"   }\r\n\r\n');
    const edited = editData(event!, (data) => {
      data.x = 2;
    });
    expect(edited.raw.toString()).toBe('event: a\r\ndata: {"x":2,"y":"}"   }\r\n\r\n');
  });

  it('gives every event of a fixture back as it was when nothing is edited', () => {
    for (const event of eventsOf(fixture('tool-use'))
      .filter(({ name }) => name !== 'ping')
      .slice(1)) {
      expect(editData(event, () => {}).raw.toString()).toBe(event.raw.toString());
    }
  });

  it('leaves alone what is no object', () => {
    const event = encodeEvent('a', '[1]');
    expect(editData(event, () => {})).toBe(event);
  });
});

it('writes pings as the API does', () => {
  expect(PING.raw.toString()).toBe('event: ping\ndata: {"type": "ping"}\n\n');
});
