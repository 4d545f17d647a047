/** A disk that is full must not fail a call: recording ends, and says so once. */
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import type { Problem } from '../../src/core/problem.ts';
import { EventLog } from '../../src/observe/recorder.ts';
import { directoryWith } from '../config/support.ts';
import { decided } from './sample-events.ts';

const disk = vi.hoisted(() => ({ full: false }));

vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>();
  return {
    ...fs,
    writeSync: (...args: Parameters<typeof fs.writeSync>) => {
      if (disk.full)
        throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
      return fs.writeSync(...args);
    },
  };
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
