import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { murmur3 } from './murmur3.ts';
import { philox4x32 } from './philox.ts';
import { createRandom, PURPOSE } from './random.ts';

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('philox4x32', () => {
  const known = [
    ['00000000 00000000 00000000 00000000', '00000000 00000000', '6627e8d5 e169c58d bc57ac4c 9b00dbd8'],
    ['ffffffff ffffffff ffffffff ffffffff', 'ffffffff ffffffff', '408f276d 41c83b0e a20bc7c6 6d5451fd'],
    ['243f6a88 85a308d3 13198a2e 03707344', 'a4093822 299f31d0', 'd16cfe09 94fdcceb 5001e420 24126ea1'],
  ];
  const words = (text: string): number[] => text.split(' ').map((word) => Number.parseInt(word, 16));

  it.each(known)('counter %s key %s', (counter, key, expected) => {
    const [c0, c1, c2, c3] = words(counter!) as [number, number, number, number];
    const [k0, k1] = words(key!) as [number, number];
    const out = new Uint32Array(4);
    philox4x32(c0, c1, c2, c3, k0, k1, out);
    expect([...out]).toEqual(words(expected!));
  });
});

describe('murmur3', () => {
  it.each([
    ['', 0, 0],
    ['', 1, 0x514e28b7],
    ['', 0xffffffff, 0x81f16f39],
    ['test', 0, 0xba6bd213],
    ['test', 0x9747b28c, 0x704b81dc],
    ['Hello, world!', 0, 0xc0363e43],
    ['Hello, world!', 0x9747b28c, 0x24884cba],
    ['The quick brown fox jumps over the lazy dog', 0x9747b28c, 0x2fa826cd],
  ])('%j with seed %i', (text, seed, expected) => {
    expect(murmur3(utf8(text), seed)).toBe(expected);
  });
});

describe('createRandom', () => {
  it('keeps its published vectors', () => {
    const random = createRandom('42', 'default');
    expect([1, 2, 3, 4].map((nth) => random.draw(nth))).toEqual([
      0.5795503306837346, 0.48982947567083945, 0.6356051862421106, 0.8286624450290028,
    ]);
    expect(random.draw(1, 1)).toBe(0.08739012936910673);
    expect(random.requestId(1)).toBe('req_011CNsxXi1uI46gwH8tKd351');
    expect(createRandom('42', 'ü😀').draw(1)).toBe(0.1397407120456433);
  });

  it('takes an integer and its text as the same seed', () => {
    expect(createRandom(42, 'a').draw(7)).toBe(createRandom('42', 'a').draw(7));
    expect(createRandom(42n, 'a').draw(7)).toBe(createRandom('42', 'a').draw(7));
  });

  it('has no state: a draw is the same whatever was drawn before', () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.string(),
        fc.array(fc.tuple(fc.nat(), fc.nat(9), fc.nat(20)), { maxLength: 20 }),
        (seed, name, draws) => {
          const used = createRandom(seed, name);
          for (const [nth, lane, purpose] of draws) {
            const x = used.draw(nth, lane, purpose);
            expect(x).toBeGreaterThanOrEqual(0);
            expect(x).toBeLessThan(1);
            expect(createRandom(seed, name).draw(nth, lane, purpose)).toBe(x);
          }
        },
      ),
    );
  });

  it('tells seeds, names, counters, lanes and purposes apart', () => {
    const seen = new Set<number>();
    for (const seed of ['1', '2', '']) {
      for (const name of ['a', 'b', '']) {
        const random = createRandom(seed, name);
        for (const nth of [1, 2, 2 ** 32 + 1, 2 ** 33 + 1]) {
          for (const lane of [0, 1])
            for (const purpose of [0, 1, 16]) seen.add(random.draw(nth, lane, purpose));
        }
      }
    }
    expect(seen.size).toBe(3 * 3 * 4 * 2 * 3);
  });

  it('is uniform: each of 16 bins within 5 standard deviations', () => {
    const random = createRandom('bins', 'r');
    const bins = new Array<number>(16).fill(0);
    const n = 64_000;
    for (let nth = 1; nth <= n; nth++) bins[Math.floor(random.draw(nth) * 16)]! += 1;
    const sigma = Math.sqrt((n * 15) / 256);
    for (const count of bins) expect(Math.abs(count - n / 16)).toBeLessThan(5 * sigma);
  });

  it('makes ids of the real form that do not repeat', () => {
    const random = createRandom('ids', 'r');
    const ids = new Set<string>();
    for (let nth = 1; nth <= 2000; nth++) {
      const id = random.requestId(nth);
      expect(id).toMatch(/^req_011C[0-9A-Za-z]{20}$/);
      ids.add(id);
    }
    expect(ids.size).toBe(2000);
  });

  it('keeps the request id apart from the other purposes', () => {
    expect(new Set(Object.values(PURPOSE)).size).toBe(Object.values(PURPOSE).length);
  });
});
