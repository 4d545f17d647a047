/** Observes every row, two at a time, and those that are not as the document says once more before they count. */
import { type Lines, lineOf } from './document.ts';
import { type Observation, observeClaude } from './observe-claude.ts';
import { type Row, rows } from './rows.ts';

/** Each is a large program that brings its own runtime. */
const AT_A_TIME = 2;

/**
 * @param claude path of the program
 * @param written what the document says
 * @throws when a row did not get its fault, or the undisturbed row no answer
 */
export async function observeRows(claude: string, written: Lines): Promise<Lines> {
  const seen = await observeAll(claude, rows);
  const undisturbed = seen.get('nothing');
  if (undisturbed?.code !== 0 || undisturbed.stdout === '')
    throw new Error(`Claude Code gets no answer undisturbed: ${JSON.stringify(undisturbed)}`);
  const lines = (some: ReadonlyMap<string, Observation>): Lines =>
    new Map(
      rows.flatMap((row) => {
        const found = some.get(row.title);
        return found ? [[row.title, lineOf(row, found, undisturbed.stdout)] as const] : [];
      }),
    );
  const first = lines(seen);
  const doubtful = rows.filter(({ title }) => written.has(title) && written.get(title) !== first.get(title));
  return new Map([...first, ...lines(await observeAll(claude, doubtful))]);
}

async function observeAll(claude: string, some: readonly Row[]): Promise<ReadonlyMap<string, Observation>> {
  const seen = new Map<string, Observation>();
  const queue = some.values();
  const worker = async (): Promise<void> => {
    for (const row of queue) {
      const observation = await observeClaude(claude, row);
      const least = (row.times ?? 1) * (row.faults?.length ?? 0);
      if (observation.faults < least) throw new Error(`${row.title}: ${observation.faults} faults took hold`);
      seen.set(row.title, observation);
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, worker));
  return seen;
}
