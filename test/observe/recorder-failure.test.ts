/** A disk that is full must not fail a call: recording ends, and says so once. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, it, vi } from 'vitest';
import type { Problem } from '../../src/core/problem.ts';
import { encodeEvent } from '../../src/observe/encode-event.ts';
import { EventLog } from '../../src/observe/recorder.ts';
import { directoryWith } from '../config/support.ts';
import { decided, ended } from './sample-events.ts';

/** `room`: bytes that the disk still takes before it is full. */
const disk = vi.hoisted(() => ({ full: false, room: Number.POSITIVE_INFINITY }));

vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>();
  return {
    ...fs,
    writeSync: (handle: number, bytes: Buffer, from: number) => {
      if (disk.full || disk.room === 0)
        throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
      const written = fs.writeSync(handle, bytes, from, Math.min(bytes.length - from, disk.room));
      disk.room -= written;
      return written;
    },
  };
});

beforeEach(() => {
  disk.full = false;
  disk.room = Number.POSITIVE_INFINITY;
});

it('ends with one report when the disk is full', () => {
  const problems: Problem[] = [];
  const log = new EventLog(join(directoryWith(), 'e.jsonl'), {
    onFailure: (problem) => problems.push(problem),
  });
  log.open();
  log.record(decided(1));
  log.flush();
  expect(problems).toEqual([]);
  disk.full = true;
  for (let i = 0; i < 3; i++) {
    log.record(decided(2));
    log.flush();
  }
  log.close();
  expect(problems.map(({ message }) => message)).toEqual([
    expect.stringMatching(/ended early.*no space left/),
  ]);
});

it.each([0, 1, 2, 3])('keeps whole lines alone, %i of them, when the disk is full amid a line', (whole) => {
  const problems: Problem[] = [];
  const file = join(directoryWith(), 'e.jsonl');
  const log = new EventLog(file, { onFailure: (problem) => problems.push(problem) });
  log.open();
  log.record(decided(1));
  log.flush();
  const lines = [1, 2, 3, 4].map((i) => encodeEvent(ended(i)));
  disk.room = lines.slice(0, whole).join('').length + 20;
  for (const i of [1, 2, 3, 4]) log.record(ended(i));
  log.flush();
  log.close();
  expect(problems).toHaveLength(1);
  expect(readFileSync(file, 'utf8')).toBe(encodeEvent(decided(1)) + lines.slice(0, whole).join(''));
});
