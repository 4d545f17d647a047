/**
 * What each client calls each ending of a connection and each TLS fault, against docs/network-faults.md.
 * With AEP_WRITE=1 the document is written, from several rounds, since timing decides some names.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { namingClients, type TlsVersion } from './network/clients.ts';
import { type Cell, type Cells, cellName, DOCUMENT, readCells, renderDocument } from './network/document.ts';
import { type Names, type NetworkLab, openNetworkLab, TLS_VERSIONS } from './network/observe.ts';
import { rows } from './network/rows.ts';

const WRITE = process.env.AEP_WRITE === '1';
/** Written from all of them; checked until each name was the documented one once. */
const ROUNDS = 3;
/** Some rows wait for a client's timeout, and curl is started for each. */
const LIMIT_MS = ROUNDS * 120_000;

const titles = namingClients.map(({ title }) => title);
const documented = (): Cells => readCells(titles, readFileSync(DOCUMENT, 'utf8'));
const seen = new Map<string, Record<TlsVersion, string[]>>();
let lab: NetworkLab;

beforeAll(async () => {
  lab = await openNetworkLab();
  for (const client of namingClients) client.prepare();
});
afterAll(async () => {
  await lab.close();
});

describe.concurrent.each(namingClients)('$title', (client) => {
  it.each(TLS_VERSIONS)(
    'names what happens to its connections, TLS %s',
    async (version) => {
      const wrong = new Map<string, string>();
      for (let round = 0; round < ROUNDS; round++) {
        const names = await lab.observe(client, version);
        if (WRITE) note(client.title, version, names);
        else if (round === 0) for (const [title, name] of names) wrong.set(title, name);
        if (WRITE) continue;
        const cells = documented();
        for (const row of rows)
          if (cells.get(cellName(row, client.title))?.[version].includes(names.get(row.title)!))
            wrong.delete(row.title);
        if (wrong.size === 0) return;
      }
      expect([...wrong], 'not as documented; AEP_WRITE=1 writes it anew').toEqual([]);
    },
    LIMIT_MS,
  );
});

function note(client: string, version: TlsVersion, names: Names): void {
  for (const row of rows) {
    const cell = seen.get(cellName(row, client)) ?? { '1.2': [], '1.3': [] };
    seen.set(cellName(row, client), cell);
    const name = names.get(row.title)!;
    if (!cell[version].includes(name)) cell[version].push(name);
  }
}

describe('docs/network-faults.md', () => {
  const versions = namingClients.map((client) => client.version());

  if (WRITE)
    it('is written', () => {
      writeFileSync(DOCUMENT, renderDocument(titles, versions, seen));
    });

  it('reads back as it was written, and has no row too many', () => {
    const text = readFileSync(DOCUMENT, 'utf8');
    const cells = documented();
    expect(cells.size).toBe(rows.length * titles.length);
    const told = [...text.matchAll(/^\| (curl|Node|Python|Go) \| (\S+) \|$/gm)].map((match) => [
      match[1]!,
      match[2]!,
    ]);
    // Programs of the machine may be newer than those that made the document; packages are pinned.
    const as = new Map(told as [string, string][]);
    const then = versions.map(([name, version]) => [name, as.get(name) ?? version] as const);
    expect(text).toBe(renderDocument(titles, then, cells));
  });

  it('keeps names of versions and of chance apart', () => {
    const cell: Cell = { '1.2': ['a "b or c"'], '1.3': ['x', 'y "z; TLS"'] };
    const made = new Map(rows.flatMap((row) => titles.map((client) => [cellName(row, client), cell])));
    expect(readCells(titles, renderDocument(titles, versions, made))).toEqual(made);
  });
});
