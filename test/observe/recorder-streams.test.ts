/** An event log that is no regular file, or one that others have a hand in. */
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  closeSync,
  constants,
  lstatSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { encodeEvent } from '../../src/observe/encode-event.ts';
import { checkEventLogFile, EventLog } from '../../src/observe/recorder.ts';
import { directoryWith, problemOf } from '../config/support.ts';
import { decided, ended } from './sample-events.ts';

const posix = process.platform !== 'win32';

function recording(file: string): { log: EventLog; problems: string[] } {
  const problems: string[] = [];
  const log = new EventLog(file, { onFailure: ({ message }) => problems.push(message), lastWaitMs: 50 });
  return { log, problems };
}

function fifo(): string {
  const path = join(directoryWith(), 'fifo');
  execFileSync('mkfifo', [path]);
  return path;
}

interface Reader {
  read(): string;
  close(): void;
}

/** A reader that takes what there is when it is asked to, and does not wait for a writer. */
function readerOf(path: string): Reader {
  let handle = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const close = (): void => {
    if (handle >= 0) closeSync(handle);
    handle = -1;
  };
  onTestFinished(close);
  const bytes = Buffer.alloc(1024 * 1024);
  return {
    close,
    read: () => {
      try {
        return bytes.toString('utf8', 0, readSync(handle, bytes));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return '';
        throw error;
      }
    },
  };
}

describe.runIf(posix)('a pipe', () => {
  afterEach(() => vi.useRealTimers());

  it.each(['itself', 'behind a link'])('%s, is written to as it is', (where) => {
    const pipe = fifo();
    const file = where === 'itself' ? pipe : join(directoryWith(), 'link');
    if (file !== pipe) symlinkSync(pipe, file);
    const { read } = readerOf(pipe);
    const { log, problems } = recording(file);
    checkEventLogFile(file);
    log.open();
    log.record(ended(1));
    log.close();
    expect(read()).toBe(encodeEvent(ended(1)));
    expect(problems).toEqual([]);
    expect(lstatSync(pipe).isFIFO()).toBe(true);
  });

  it('that nobody reads is refused when it is opened, and holds nobody up', () => {
    const file = fifo();
    checkEventLogFile(file);
    expect(problemOf(() => recording(file).log.open())).toMatch(
      /is a pipe that nobody reads,.*: start its reader first/,
    );
  });

  it('whose reader is slow holds nobody up, and loses nothing', () => {
    vi.useFakeTimers();
    const file = fifo();
    const { read } = readerOf(file);
    const { log, problems } = recording(file);
    log.open();
    let sent = '';
    const send = (from: number, count: number): void => {
      for (let i = from; i < from + count; i++) {
        log.record(ended(i));
        sent += encodeEvent(ended(i));
      }
    };
    // Far more than a pipe holds, twice.
    send(1, 5_000);
    let got = read();
    send(5_001, 5_000);
    for (let turn = 0; turn < 100 && got.length < sent.length; turn++) {
      vi.advanceTimersByTime(100);
      for (let more = read(); more !== ''; more = read()) got += more;
    }
    expect(got).toBe(sent);
    log.close();
    expect(problems).toEqual([]);
  });

  it('whose reader went away ends the recording with a word', () => {
    const file = fifo();
    const { close } = readerOf(file);
    const { log, problems } = recording(file);
    log.open();
    close();
    log.record(ended(1));
    log.flush();
    log.close();
    expect(problems).toEqual([expect.stringMatching(/ended early.*EPIPE/)]);
  });

  it('whose reader takes no more does not keep the end waiting for ever, and that is told', () => {
    const file = fifo();
    readerOf(file);
    const { log, problems } = recording(file);
    log.open();
    for (let i = 0; i < 2_000; i++) log.record(ended(i));
    log.close();
    expect(problems).toEqual([expect.stringMatching(/ended early.*did not take the last \d+ bytes/)]);
  });
});

it.runIf(posix)('a socket is refused', async () => {
  const path = join(directoryWith(), 'socket');
  const server = createServer().listen(path);
  await new Promise((resolve) => server.once('listening', resolve));
  onTestFinished(() => void server.close());
  expect(problemOf(() => checkEventLogFile(path))).toContain('is a socket: name a file or a pipe');
});

describe('a file that is', () => {
  it.each([
    ['deleted', (file: string) => rmSync(file), 'it was deleted or replaced'],
    [
      'replaced',
      (file: string) => {
        writeFileSync(`${file}.new`, '');
        renameSync(`${file}.new`, file);
      },
      'it was deleted or replaced',
    ],
    ['cut by others', (file: string) => truncateSync(file), 'another program has changed it'],
    [
      'written to by others',
      (file: string) => appendFileSync(file, encodeEvent(ended(9))),
      'another program has changed it',
    ],
  ])('%s while it is written is told of, once', (_how, damage, why) => {
    const file = join(directoryWith(), 'e.jsonl');
    const { log, problems } = recording(file);
    log.open();
    log.record(decided(1));
    log.flush();
    damage(file);
    log.record(ended(1));
    log.flush();
    log.record(ended(2));
    log.close();
    expect(problems).toEqual([`the event log ${file} ended early, it could not be written: ${why}`]);
  });

  it('deleted before a quiet end is told of at the end', () => {
    const file = join(directoryWith(), 'e.jsonl');
    const { log, problems } = recording(file);
    log.open();
    log.record(decided(1));
    log.flush();
    rmSync(file);
    log.close();
    expect(problems).toHaveLength(1);
  });

  it('renamed (rotated) goes on under its new name', () => {
    const file = join(directoryWith(), 'e.jsonl');
    const { log, problems } = recording(file);
    log.open();
    log.record(decided(1));
    log.flush();
    renameSync(file, `${file}.1`);
    log.record(ended(1));
    log.close();
    expect(problems).toEqual([]);
    expect(readFileSync(`${file}.1`, 'utf8')).toBe(encodeEvent(decided(1)) + encodeEvent(ended(1)));
  });
});
