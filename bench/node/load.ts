/**
 * Stands in for `native/load.c` where no C compiler is present: same options, commands and answers.
 * Raw TLS sockets in worker threads, so that more than one core can be put to it.
 */
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Worker } from 'node:worker_threads';
import { loadOptions } from './load-options.ts';
import { resultOf, type Tally } from './tally.ts';

const THREADS = 2;

const options = loadOptions(process.argv.slice(2));
const threads = Math.min(THREADS, options.connections);
const workers = Array.from({ length: threads }, (_, index) => {
  const from = Math.floor((index * options.connections) / threads);
  const to = Math.floor(((index + 1) * options.connections) / threads);
  const workerData = { options: { ...options, connections: to - from }, first: from };
  return new Worker(join(import.meta.dirname, 'load-worker.js'), { workerData });
});

for await (const command of createInterface({ input: process.stdin })) {
  const began = process.hrtime.bigint();
  const answers = workers.map(async (worker): Promise<Tally> => {
    worker.postMessage(command);
    const [tally] = (await once(worker, 'message')) as [Tally];
    return tally;
  });
  const tallies = await Promise.all(answers);
  const ended = process.hrtime.bigint();
  console.log(JSON.stringify(resultOf(tallies, Number(ended - began), Number(ended))));
}
process.exit(0);
