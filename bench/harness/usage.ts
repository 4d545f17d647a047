/** CPU time and memory of a process and its descendants, read from /proc. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';

/** Nanoseconds per clock tick of /proc/PID/stat; USER_HZ is 100 on every Linux. */
const TICK_NS = 10_000_000;

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/** The fields of /proc/PID/stat after the command's name, which may hold anything. */
function stat(pid: number): string[] {
  const line = read(`/proc/${pid}/stat`) ?? '';
  return line.slice(line.lastIndexOf(')') + 2).split(' ');
}

/** A process and all that it started. */
export function family(pid: number): number[] {
  const pids = [pid];
  for (const task of list(`/proc/${pid}/task`)) {
    const children = read(`/proc/${pid}/task/${task}/children`) ?? '';
    for (const child of children.split(' ').filter(Boolean)) pids.push(...family(Number(child)));
  }
  return pids;
}

function list(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

/** User and system time of all threads, at a moment. */
export interface CpuMark {
  /** Nanoseconds on a CPU, by thread id: precise, but lost with a thread that ends. */
  readonly threads: ReadonlyMap<number, number>;
  /** The same for whole processes and the children that they waited for, in ticks of 10 ms. */
  readonly ticks: number;
}

/** Takes the CPU time used so far. */
export function markCpu(pid: number): CpuMark {
  const threads = new Map<number, number>();
  let ticks = 0;
  for (const member of family(pid)) {
    for (const task of list(`/proc/${member}/task`)) {
      const spent = read(`/proc/${member}/task/${task}/schedstat`)?.split(' ')[0];
      if (spent !== undefined) threads.set(Number(task), Number(spent));
    }
    const fields = stat(member);
    // utime, stime, cutime, cstime
    for (const index of [11, 12, 13, 14]) ticks += Number(fields[index] ?? 0);
  }
  return { threads, ticks };
}

/** Nanoseconds of CPU between two marks: by thread where no thread ended meanwhile, else by ticks. */
export function cpuBetween(before: CpuMark, after: CpuMark): number {
  let sum = 0;
  for (const [thread, spent] of after.threads) sum += spent - (before.threads.get(thread) ?? 0);
  for (const thread of before.threads.keys()) {
    if (!after.threads.has(thread)) return (after.ticks - before.ticks) * TICK_NS;
  }
  return sum;
}

export interface Memory {
  /** Bytes resident now, and at the most since {@link forgetPeak}. */
  readonly rss: number;
  readonly peak: number;
}

/** Resident memory of a process and its descendants. */
export function memory(pid: number): Memory {
  let rss = 0;
  let peak = 0;
  for (const member of family(pid)) {
    const status = read(`/proc/${member}/status`) ?? '';
    rss += Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) * 1024;
    peak += Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) * 1024;
  }
  return { rss, peak };
}

/** Lets the peak begin anew at what is resident now. */
export function forgetPeak(pid: number): void {
  for (const member of family(pid)) {
    try {
      writeFileSync(`/proc/${member}/clear_refs`, '5');
    } catch {
      // Not ours to reset: the peak then counts from the start of the process, which only makes it larger.
    }
  }
}
