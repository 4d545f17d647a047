/** The tests that every client passes: the script of calls by each route, its reports and what the proxy saw. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Lab, type Route, startLab } from './lab.ts';
import { clientReports, type Report } from './run-program.ts';
import { callTitle, type Script } from './script.ts';

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

const VIA: Readonly<Record<Route, string>> = { 'base URL': 'origin', CONNECT: 'connect', run: 'connect' };

export function describeClient(title: string, traits: ClientTraits): void {
  const { program, routes, script } = traits;
  describe.each(routes)(`${title} through %s`, (route) => {
    let lab: Lab;
    let reports: readonly Report[];

    beforeAll(async () => {
      lab = await startLab(script.rules);
      reports = await clientReports(program(), script.words, lab.env(route));
    }, 60_000);
    afterAll(() => lab.close());

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
      expect(lab.outcomes).toEqual(script.outcomes);
      expect(lab.requests).toEqual(
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
