import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as der from '../../src/ca/der.ts';
import { readChildren, readElement, readOid } from '../../src/ca/der-reader.ts';
import { openssl } from './tools.ts';

const hex = (bytes: Buffer): string => bytes.toString('hex');

describe('known encodings', () => {
  test.each([
    [der.integer(0), '020100'],
    [der.integer(127), '02017f'],
    [der.integer(128), '02020080'],
    [der.integer(Buffer.from('0000ff', 'hex')), '020200ff'],
    [der.integer(Buffer.alloc(0)), '020100'],
    [der.oid('2.5.29.30'), '0603551d1e'],
    [der.oid('1.2.840.113549.1.1.11'), '06092a864886f70d01010b'],
    [der.namedBits(0), '03020780'],
    [der.namedBits(5, 6), '03020106'],
    [der.namedBits(8), '0303070080'],
    [der.namedBits(), '030100'],
    [der.boolean(true), '0101ff'],
    [der.nullValue(), '0500'],
    [der.time(Date.UTC(2049, 11, 31, 23, 59, 59, 999)), '170d3439313233313233353935395a'],
    [der.time(Date.UTC(2050, 0, 1)), '180f32303530303130313030303030305a'],
    [der.setOf(der.integer(2), der.integer(1)), '3106020101020102'],
    [der.octetString(Buffer.alloc(128)).subarray(0, 3), '048180'],
    [der.octetString(Buffer.alloc(65_536)).subarray(0, 5), '0483010000'],
  ])('%#: %s', (bytes, expected) => {
    expect(hex(bytes)).toBe(expected);
  });

  test('what is no integer or identifier is refused', () => {
    for (const bad of [-1, 1.5, Number.NaN, 2 ** 53]) expect(() => der.integer(bad)).toThrow(RangeError);
    for (const bad of ['1', '1.x', '', '1.-2']) expect(() => der.oid(bad)).toThrow(RangeError);
  });
});

describe('reading back', () => {
  test('any nesting of elements', () => {
    const tree = fc.letrec<{ node: Buffer }>((tie) => ({
      node: fc.oneof(
        { depthSize: 'small' },
        fc.uint8Array({ maxLength: 300 }).map((bytes) => der.octetString(bytes)),
        fc.array(tie('node'), { maxLength: 4 }).map((items) => der.sequence(...items)),
      ),
    })).node;
    fc.assert(
      fc.property(tree, (bytes) => {
        const again = (raw: Buffer): Buffer => {
          const { tag, contents } = readElement(raw);
          return tag === der.TAG.sequence
            ? der.sequence(...readChildren(contents).map(({ whole }) => again(whole)))
            : der.element(tag, contents);
        };
        expect(again(bytes)).toEqual(bytes);
      }),
    );
  });

  test('any object identifier', () => {
    const arc = fc.integer({ min: 0, max: 2 ** 31 });
    const low = fc.tuple(
      fc.constantFrom(0, 1),
      fc.integer({ min: 0, max: 39 }),
      fc.array(arc, { maxLength: 8 }),
    );
    const high = fc.tuple(fc.constant(2), arc, fc.array(arc, { maxLength: 8 }));
    fc.assert(
      fc.property(fc.oneof(low, high), ([first, second, rest]) => {
        const dotted = [first, second, ...rest].join('.');
        expect(readOid(readElement(der.oid(dotted)).contents)).toBe(dotted);
      }),
    );
  });

  test('bytes that end too soon are an error at every length, never nonsense', () => {
    const whole = der.sequence(der.octetString(Buffer.alloc(200)), der.integer(7));
    for (let size = 0; size < whole.length; size += 1) {
      expect(() => readElement(whole.subarray(0, size))).toThrow(RangeError);
    }
    expect(() => readElement(Buffer.from('3080', 'hex'))).toThrow(RangeError);
  });
});

describe.skipIf(!openssl)('against openssl asn1parse', () => {
  test('integers, strings, identifiers and times of many sizes', () => {
    const integers = fc.sample(fc.bigInt({ min: 0n, max: 2n ** 256n }), { seed: 1, numRuns: 50 });
    const texts = fc.sample(fc.string({ unit: 'grapheme', maxLength: 200 }), { seed: 2, numRuns: 50 });
    const times = fc.sample(fc.integer({ min: 0, max: 4_102_444_800 }), { seed: 3, numRuns: 50 });
    const magnitude = (n: bigint): Buffer => {
      const digits = n.toString(16);
      return Buffer.from(digits.length % 2 ? `0${digits}` : digits, 'hex');
    };
    const bytes = der.sequence(
      der.sequence(...integers.map((n) => der.integer(magnitude(n)))),
      der.sequence(...texts.map((text) => der.utf8String(text))),
      der.sequence(...times.map((seconds) => der.time(seconds * 1000))),
      der.oid('1.3.6.1.4.1.311.21.20'),
    );
    const options = ['asn1parse', '-inform', 'DER'];
    const parsed = execFileSync(openssl!, options, {
      input: bytes,
      stdio: ['pipe', 'pipe', 'pipe'],
    }).toString();

    const seen = (type: string): string[] =>
      Array.from(parsed.matchAll(new RegExp(`prim: +${type} +:(.*)$`, 'gm')), (match) => match[1]!);
    expect(seen('INTEGER').map((n) => BigInt(`0x${n}`))).toEqual(integers);
    expect(parsed.match(/prim: +UTF8STRING/g)).toHaveLength(texts.length);
    expect([...seen('UTCTIME'), ...seen('GENERALIZEDTIME')].sort()).toEqual(
      times
        .map((seconds) => {
          const digits = new Date(seconds * 1000).toISOString().replace(/[-:T]|\.000/g, '');
          return digits < '2050' ? digits.slice(2) : digits;
        })
        .sort(),
    );
    expect(seen('OBJECT')).toHaveLength(1);
  });
});
