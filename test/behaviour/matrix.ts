/** Runs cells side by side and says what was seen. */
import { ClientProcess, type Versions } from './client-process.ts';
import { type Client, isPython, type Program } from './clients.ts';
import { type Observation, observe } from './observe.ts';
import type { Stimulus } from './stimulus.ts';
import type { Table } from './tables.ts';
import { wording } from './wording.ts';

/** A client and what it meets. */
export interface Cell {
  readonly table: Table;
  readonly stimulus: Stimulus;
  readonly client: Client;
}

/** Few enough that the clients' processes and the proxies, which share the machine, keep their own waits apart. */
const AT_A_TIME = 12;

/** Runs cells; its client programs start when first needed and live until {@link Matrix.stop}. */
export class Matrix {
  readonly #processes = new Map<string, ClientProcess>();
  readonly #whole = new Map<Client, Promise<string>>();

  /** The words for each cell, in their order. */
  async run(cells: readonly Cell[], atATime = AT_A_TIME): Promise<readonly string[]> {
    const words = new Array<string>(cells.length);
    const queue = cells.entries();
    const worker = async (): Promise<void> => {
      for (const [index, cell] of queue) words[index] = await this.#see(cell);
    };
    await Promise.all(Array.from({ length: atATime }, worker));
    return words;
  }

  /** Versions of the packages of the clients started so far. */
  async versions(): Promise<Versions> {
    const all = await Promise.all([...this.#processes.values()].map(({ versions }) => versions));
    return Object.assign({}, ...all);
  }

  stop(): void {
    for (const process of this.#processes.values()) process.stop();
  }

  async #see({ client, stimulus }: Cell): Promise<string> {
    const whole = await this.#wholeText(client);
    const seen = await observe(this.#process(client.program, stimulus.hasten ?? false), client, stimulus);
    if (seen.skipped.length > 0)
      throw new Error(`${stimulus.title}, ${client.title}: fault skipped: ${seen.skipped}`);
    return wording(seen, stimulus, whole);
  }

  /** What the client gets when nothing happens: told apart from it is what was cut. */
  #wholeText(client: Client): Promise<string> {
    const known = this.#whole.get(client) ?? this.#undisturbed(client);
    this.#whole.set(client, known);
    return known;
  }

  async #undisturbed(client: Client): Promise<string> {
    const seen: Observation = await observe(this.#process(client.program, false), client, { title: '' });
    const { report } = seen;
    if (!report?.text || report.error)
      throw new Error(`${client.title} gets no answer undisturbed: ${JSON.stringify(report)}`);
    return report.text;
  }

  #process(program: Program, hasten: boolean): ClientProcess {
    const key = `${program} ${hasten && !isPython(program)}`;
    const process = this.#processes.get(key) ?? new ClientProcess(program, hasten);
    this.#processes.set(key, process);
    return process;
  }
}

export function cellsOf(table: Table): readonly Cell[] {
  return table.stimuli.flatMap((stimulus) => table.clients.map((client) => ({ table, stimulus, client })));
}
