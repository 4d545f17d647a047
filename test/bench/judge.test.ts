/** How a run is held against the gates: pairs within a round, tight gates only with enough of them. */
import { describe, expect, it } from 'vitest';
import { judge } from '../../bench/evaluate/judge.ts';
import { GATES, type Gate, isTight, PAIRED_ROUNDS } from '../../bench/gates.ts';
import type { Reading } from '../../bench/model.ts';
import { SCENARIOS } from '../../bench/scenarios.ts';

function gate(limit: number | undefined, over: Partial<Gate> = {}): Gate {
  const base: Gate = {
    row: 'row',
    scenario: 'pass',
    metric: 'cpu',
    subject: 'product',
    versus: 'raw-pipe',
    by: 'ratio',
  };
  return { ...base, ...(limit === undefined ? {} : { limit }), ...over };
}

const cpu = (values: readonly number[]): Reading[] => values.map((value) => ({ cpu: value }));
const nobody = new Map<string, string>();

describe('judge', () => {
  it('compares within a round, so that a slow round of both sides changes nothing', () => {
    const readings = new Map([
      ['product', cpu([12, 120, 24])],
      ['raw-pipe', cpu([10, 100, 20])],
    ]);
    const verdict = judge(gate(1.25), readings, nobody);
    expect(verdict.outcome).toBe('PASS');
    expect(verdict.value).toBeCloseTo(1.2);
  });

  it('leaves out rounds that one side sat out', () => {
    const product: (Reading | undefined)[] = cpu([10, 99, 10]);
    product[1] = undefined;
    const readings = new Map([
      ['product', product],
      ['raw-pipe', cpu([10, 10, 10, 10])],
    ]);
    expect(judge(gate(1.25), readings, nobody)).toMatchObject({ outcome: 'PASS', rounds: 2, value: 1 });
  });

  it('fails a loose gate by its median', () => {
    const readings = new Map([
      ['product', cpu([13, 13, 10])],
      ['raw-pipe', cpu([10, 10, 10])],
    ]);
    expect(judge(gate(1.25), readings, nobody).outcome).toBe('FAIL');
  });

  it('knows which way is better', () => {
    const throughput = gate(0.9, { metric: 'throughput' });
    const of = (own: number): Map<string, Reading[]> =>
      new Map([
        ['product', [{ throughput: own }]],
        ['raw-pipe', [{ throughput: 100 }]],
      ]);
    expect(judge({ ...throughput, limit: 0.8 }, of(85), nobody).outcome).toBe('PASS');
    expect(judge({ ...throughput, limit: 0.8 }, of(75), nobody).outcome).toBe('FAIL');
  });

  it('judges differences and plain values', () => {
    const readings = new Map<string, Reading[]>([
      ['product', [{ listening: 110, resumed: 0.4 }]],
      ['bare-node', [{ listening: 60 }]],
    ]);
    const start = gate(60, { metric: 'listening', versus: 'bare-node', by: 'difference' });
    expect(judge(start, readings, nobody)).toMatchObject({ outcome: 'PASS', value: 50 });
    expect(judge({ ...start, limit: 49 }, readings, nobody).outcome).toBe('FAIL');
    const { versus: _, ...resumed } = gate(0.5, { metric: 'resumed', by: 'value' });
    expect(judge(resumed, readings, nobody).outcome).toBe('FAIL');
  });

  it('says who is missing and why', () => {
    const readings = new Map([['raw-pipe', cpu([1])]]);
    const verdict = judge(gate(1.25), readings, new Map([['product', 'it is not built']]));
    expect(verdict).toMatchObject({ outcome: 'not run', why: 'product: it is not built' });
    expect(judge(gate(1.25), undefined, nobody).outcome).toBe('not run');
  });
});

describe('a tight gate', () => {
  const pairs = (n: number, ratio: (i: number) => number): Map<string, Reading[]> =>
    new Map([
      ['product', cpu(Array.from({ length: n }, (_, i) => 10 * ratio(i)))],
      ['raw-pipe', cpu(Array.from({ length: n }, () => 10))],
    ]);

  it('is not decided by a few rounds', () => {
    expect(
      judge(
        gate(1.05),
        pairs(PAIRED_ROUNDS - 1, () => 2),
        nobody,
      ).outcome,
    ).toBe('open');
  });

  it('passes only when the whole interval holds, fails only when none of it does', () => {
    expect(
      judge(
        gate(1.05),
        pairs(PAIRED_ROUNDS, () => 1.04),
        nobody,
      ).outcome,
    ).toBe('PASS');
    expect(
      judge(
        gate(1.05),
        pairs(PAIRED_ROUNDS, () => 1.06),
        nobody,
      ).outcome,
    ).toBe('FAIL');
    const astride = pairs(PAIRED_ROUNDS, (i) => (i % 2 === 0 ? 1.03 : 1.07));
    expect(judge(gate(1.05), astride, nobody).outcome).toBe('open');
  });
});

describe('the table of gates', () => {
  it('names scenarios that exist and subjects that run in them', () => {
    for (const { scenario, subject, versus } of GATES) {
      const found = SCENARIOS.find(({ name }) => name === scenario);
      expect(found, scenario).toBeDefined();
      expect(found!.subjects, scenario).toContain(subject);
      if (versus !== undefined) expect(found!.subjects, scenario).toContain(versus);
    }
  });

  it('takes ratios of CPU and throughput within 10 % of 1 for tight', () => {
    const tight = GATES.filter(isTight).map(({ scenario, limit }) => [scenario, limit]);
    expect(tight).toEqual([
      ['connect-full', 1.05],
      ['connect-resumed', 1.05],
      ['down', 0.95],
      ['up', 0.95],
      ['rules', 1.05],
      ['event-log', 1.1],
      ['event-log-inject', 1.1],
    ]);
  });
});
