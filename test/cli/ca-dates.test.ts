import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, onTestFinished, vi } from 'vitest';
import { watchCaDates } from '../../src/cli/ca-dates.ts';
import { EventBus } from '../../src/observe/bus.ts';
import { directoryWith } from '../config/support.ts';
import { writeCertificate } from './certificates.ts';

const DAY = 86_400_000;

beforeEach(
  () => void vi.useFakeTimers({ toFake: ['setTimeout', 'setInterval', 'clearTimeout', 'clearInterval'] }),
);
afterEach(() => void vi.useRealTimers());

/** Watches a CA that is valid from ten days before now to a day after it. @param at days from now */
async function watching(at: { days: number }) {
  const folder = directoryWith();
  writeCertificate(folder, 'ca');
  const begun = Date.now();
  const bus = new EventBus();
  const codes: string[] = [];
  bus.subscribe((event) => {
    if (event.type === 'notice') codes.push(event.code);
  });
  const end = watchCaDates(join(folder, 'ca.crt'), bus, () => begun + at.days * DAY);
  onTestFinished(end);
  vi.advanceTimersByTime(500);
  // The file is read meanwhile.
  await vi.waitFor(() => expect(vi.getTimerCount()).toBe(1));
  return { codes, end, look: () => vi.advanceTimersByTime(60_000) };
}

it('tells of an end that is near, and of one that comes while it runs, once each', async () => {
  const at = { days: 0 };
  const { codes, look, end } = await watching(at);
  expect(codes).toEqual(['ca-expires']);
  look();
  at.days = 2;
  look();
  look();
  expect(codes).toEqual(['ca-expires', 'ca-expired']);
  end();
  expect(vi.getTimerCount()).toBe(0);
});

it('tells of a clock before its beginning', async () => {
  expect((await watching({ days: -20 })).codes).toEqual(['ca-not-valid-yet']);
});
