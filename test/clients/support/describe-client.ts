/** The tests that every client passes: the script of calls by each route, its reports and what the proxy saw. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Route as ProxyRoute, type Seen, startLab } from './lab.ts';
import { clientReports, type Report } from './run-program.ts';
import { callTitle, type Script } from './script.ts';
import { startTunnelLab } from './tunnel-lab.ts';

/** The ways to the standalone proxy, and a tunnel of the fault proxy with our plugin. */
export type Route = ProxyRoute | 'a tunnel of fault';

export interface ClientTraits {
  readonly routes: readonly Route[];
  /** Command that runs the program; asked for when the tests run. See {@link nodeProgram}. */
  readonly program: () => readonly string[];
  readonly script: Script;
  /** Name of the error that a status becomes. */
  readonly errorName: Readonly<Record<number, string>>;
  /** Whether `x-stainless-retry-count` counts up, stands at 0 or is absent. */
  readonly retryCount: 'counts' | 'always 0' | 'absent';
}

const VIA: Readonly<Record<Route, string>> = {
  'base URL': 'origin',
  CONNECT: 'connect',
  run: 'connect',
  'a tunnel of fault': 'plugin',
};

/** Everything that a client needs on its way, and what was seen of it there. */
interface Way {
  readonly seen: Seen;
  readonly env: NodeJS.ProcessEnv;
  close(): Promise<void>;
}

async function openWay(route: Route, rules: Script['rules']): Promise<Way> {
  if (route === 'a tunnel of fault') {
    const lab = await startTunnelLab(rules);
    return { seen: lab, env: lab.env, close: () => lab.close() };
  }
  const lab = await startLab(rules);
  return { seen: lab, env: lab.env(route), close: () => lab.close() };
}

export function describeClient(title: string, traits: ClientTraits): void {
  const { program, routes, script } = traits;
  describe.each(routes)(`${title} through %s`, (route) => {
    let way: Way;
    let reports: readonly Report[];

    beforeAll(async () => {
      way = await openWay(route, script.rules);
      reports = await clientReports(program(), script.words, way.env);
    }, 60_000);
    afterAll(() => way?.close());

    it.each(script.calls.map((call, index) => [callTitle(call), call, index] as const))(
      '%s',
      (_title, { status, failsFirst }, index) => {
        if (status === undefined || failsFirst !== undefined) {
          expect(reports[index]).toEqual({ ok: true, text: expect.stringMatching(/\w/) });
        } else {
          expect(reports[index]).toMatchObject({
            ok: false,
            error: { name: traits.errorName[status], status },
          });
        }
      },
    );

    it('streams the same text as it gets whole', () => {
      expect(reports[1]?.text).toBe(reports[0]?.text);
    });

    it('made exactly these requests', () => {
      expect(way.seen.outcomes).toEqual(script.outcomes);
      expect(way.seen.requests.map(({ at: _at, ...request }) => request)).toEqual(
        script.calls.flatMap(({ failsFirst = 0 }) =>
          Array.from({ length: failsFirst + 1 }, (_, attempt) => ({
            via: VIA[route],
            path: '/v1/messages',
            retryCount: retryCount(traits, attempt),
          })),
        ),
      );
    });
  });
}

function retryCount({ retryCount }: ClientTraits, attempt: number): string | undefined {
  if (retryCount === 'absent') return undefined;
  return retryCount === 'counts' ? String(attempt) : '0';
}
