/** What was written is what is read, for any valid message and any chunking. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HeadReader, rewriteHead } from '../../src/core/http1/head.ts';
import { request, response, type Spec, write } from './generate.ts';
import { pieces, readAll } from './read-all.ts';

const RUNS = { numRuns: 400, seed: 20_260_101 };
const cuts = fc.array(fc.nat(400), { maxLength: 12 }).map((list) => list.sort((a, b) => a - b));

function expected(spec: Spec) {
  return {
    start: spec.start,
    minor: spec.minor,
    headers: spec.fields.map(([name, , value]) => [name, value]),
    body: spec.body,
    trailers: spec.trailers,
  };
}

const keepsOpen = (spec: Spec): boolean =>
  spec.minor === 1 &&
  !spec.fields.some(([name, , value]) => /^connection$/i.test(name) && /close/i.test(value));

describe('reading what was written', () => {
  it('gives the requests back, several on one connection', () => {
    const list = fc.tuple(fc.array(request.filter(keepsOpen), { maxLength: 2 }), request);
    fc.assert(
      fc.property(list, cuts, ([before, last], at) => {
        const specs = [...before, last];
        const bytes = Buffer.from(specs.map((spec) => write(spec, 'request')).join(''), 'latin1');
        const reading = readAll('request', pieces(bytes, at));
        expect(reading.messages).toEqual(specs.map(expected));
        expect(reading).toMatchObject({ consumed: bytes.length, unfinished: false });
        expect(reading.error).toBeUndefined();
      }),
      RUNS,
    );
  });

  it('gives a response back', () => {
    fc.assert(
      fc.property(response, cuts, (spec, at) => {
        const bytes = Buffer.from(write(spec, 'response'), 'latin1');
        const reading = readAll('response', pieces(bytes, at));
        expect(reading.messages).toEqual([expected(spec)]);
        expect(reading).toMatchObject({ consumed: bytes.length, unfinished: false });
      }),
      RUNS,
    );
  });

  it('never takes a message for complete before its last byte', () => {
    fc.assert(
      fc.property(request, (spec) => {
        const bytes = Buffer.from(write(spec, 'request'), 'latin1');
        for (let end = 0; end < bytes.length; end++) {
          const reading = readAll('request', [bytes.subarray(0, end)]);
          expect(reading.messages).toEqual([]);
          expect(reading.unfinished).toBe(end > 0);
        }
      }),
      { ...RUNS, numRuns: 100 },
    );
  });
});

describe('rewriting', () => {
  it('changes the named lines and no other byte', () => {
    fc.assert(
      fc.property(request, fc.nat(7), (spec, index) => {
        const text = write({ ...spec, body: '', trailers: [] }, 'request');
        const head = text.slice(0, text.indexOf('\r\n\r\n') + 4);
        const reader = new HeadReader('request');
        reader.push(Buffer.from(head, 'latin1'), 0);
        const message = reader.take();
        expect(rewriteHead(message, {}).toString('latin1')).toBe(head);
        const [name] = spec.fields[index % spec.fields.length]!;
        const lines = head.split('\r\n');
        const isNamed = (line: string, i: number) =>
          i > 0 && line.slice(0, line.indexOf(':')).toLowerCase() === name.toLowerCase() && line !== '';
        const without = lines.filter((line, i) => !isNamed(line, i)).join('\r\n');
        const dropped = rewriteHead(message, { drop: new Set([name.toLowerCase()]) });
        expect(dropped.toString('latin1')).toBe(without);
        const first = lines.findIndex(isNamed);
        const replaced = lines.flatMap((line, i) =>
          i === first ? [`${name}: new`] : isNamed(line, i) ? [] : [line],
        );
        const set = rewriteHead(message, { set: [[name, 'new']] });
        expect(set.toString('latin1')).toBe(replaced.join('\r\n'));
      }),
      RUNS,
    );
  });
});
