/** What a client makes of the CA's leaf, and of whatever else its key could sign. */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { type SecureContext, TLSSocket } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openAuthority } from '../../src/ca/authority.ts';
import { readStore, storePaths } from '../../src/ca/store.ts';
import { forgeries } from './forgeries.ts';
import { makeDirectory } from './support.ts';
import { run } from './tools.ts';

export interface Question {
  readonly host: string;
  readonly port: number;
}

export interface LimitedClient {
  readonly name: string;
  /** Undefined where it is not on this machine. */
  readonly present: unknown;
  /** Asks each host at its port of 127.0.0.1, trusting the CA alone; `ok`, or what it says, for each. */
  readonly ask: (questions: readonly Question[], caFile: string) => Promise<readonly string[]>;
}

const TARGET = 'api.anthropic.com';

/** A client that is a program of `probes/`. @param command asked for when the test runs; the questions go behind it */
export function prober(command: () => readonly string[]): LimitedClient['ask'] {
  return async (questions, caFile) => {
    const [file = '', ...args] = command();
    const pairs = questions.flatMap(({ host, port }) => [host, String(port)]);
    const { output } = await run(file, [...args, caFile, ...pairs]);
    return output.trimEnd().split('\n');
  };
}

export function probe(name: string): string {
  return fileURLToPath(new URL(`probes/${name}`, import.meta.url));
}

/** A client that is started for each question: exit code 0 means that it got its answer. */
export function oneByOne(
  call: (question: Question, caFile: string) => ReturnType<typeof run>,
): LimitedClient['ask'] {
  return async (questions, caFile) => {
    const answers: string[] = [];
    for (const question of questions) {
      const { code, output } = await call(question, caFile);
      answers.push(code === 0 ? 'ok' : `${code} ${output.trim().replaceAll('\n', ' ')}`);
    }
    return answers;
  };
}

export function describeLimits(clients: readonly LimitedClient[]): void {
  describe('a CA for one host', () => {
    const servers: Server[] = [];
    let caFile = '';
    let good: Question;
    let forged: (Question & { readonly title: string })[] = [];

    beforeAll(async () => {
      const { path: stateDir, remove } = await makeDirectory();
      const authority = await openAuthority({ stateDir, targets: [TARGET] });
      caFile = authority.certificatePath;
      const stored = await readStore(storePaths(stateDir));
      const listen = async (context: SecureContext): Promise<number> => {
        const server = greet(context);
        servers.push(server);
        await once(server.listen(0, '127.0.0.1'), 'listening');
        return (server.address() as AddressInfo).port;
      };
      good = { host: TARGET, port: await listen(authority.secureContext(TARGET)) };
      forged = [];
      for (const { title, host, context } of forgeries(stored!, TARGET))
        forged.push({ title, host, port: await listen(context) });
      return remove;
    });

    afterAll(() => {
      for (const server of servers) server.close();
    });

    for (const { name, present, ask } of clients)
      test.skipIf(!present)(`${name} takes its leaf, and no other that its key signs`, async () => {
        expect(await ask([good], caFile)).toEqual(['ok']);
        const answers = await ask(forged, caFile);
        expect(answers).toHaveLength(forged.length);
        const told = forged.map(({ title }, i) => `${title}: ${answers[i]}`);
        expect(told.filter((line) => /: (ok|empty|)$/.test(line))).toEqual([]);
        // Refused by their certificates, and not because the server could not be reached.
        expect(told.filter((line) => /ECONN|refused to connect|Connection refused/i.test(line))).toEqual([]);
      });
  });
}

/** A TLS server with one certificate, also behind a CONNECT; closes after an answer. */
function greet(context: SecureContext): Server {
  return createServer((raw) => {
    raw.on('error', () => {});
    raw.once('readable', () => {
      const first = raw.read() as Buffer | null;
      if (first?.toString('latin1').startsWith('CONNECT ')) raw.write('HTTP/1.1 200 OK\r\n\r\n');
      else if (first) raw.unshift(first);
      const socket = new TLSSocket(raw, { isServer: true, secureContext: context });
      socket.on('error', () => raw.destroy());
      socket.once('data', () =>
        socket.end('HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok'),
      );
    });
  });
}
