/** Tests over the snippets of docs/clients.md: each gets its answer, by the way it says. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Lab, startLab } from './lab.ts';
import { readSnippets, runSnippet } from './snippets.ts';

const { programs, commands } = await readSnippets();
const VIA: Readonly<Record<string, string>> = { 'base-url': 'origin', proxy: 'connect' };

/** Clients whose tools npm brings, or every system has. */
export const LOCAL_CLIENTS = ['curl', 'fetch', 'sdk', 'sdk-dispatcher', 'ai', 'langchain'];

/** Every command of the page, as `client way`. */
export const ALL_COMMANDS: readonly string[] = [...commands.keys()];

/** @param more what the client needs besides; asked for when the tests run */
export function describeSnippets(
  clients: readonly string[],
  more: (client: string) => Parameters<typeof runSnippet>[3] = () => ({}),
): void {
  const names = ALL_COMMANDS.filter((name) => clients.includes(name.split(' ')[0]!));
  describe.skipIf(process.platform === 'win32')('docs/clients.md', () => {
    let lab: Lab;
    beforeEach(async () => {
      lab = await startLab();
    });
    afterEach(() => lab.close());

    it.each(names)('%s', async (name) => {
      const [client = '', way = ''] = name.split(' ');
      const { code, stdout, stderr } = await runSnippet(lab, commands.get(name)!, programs, more(client));
      expect(`${code} ${stdout}${stderr}`).toMatch(/^0 [\s\S]*This is the built-in stand-in/);
      expect(lab.outcomes.filter((outcome) => outcome === '200 upstream')).not.toEqual([]);
      expect(new Set(lab.requests.map(({ via }) => via))).toEqual(new Set([VIA[way]]));
    });
  });
}
