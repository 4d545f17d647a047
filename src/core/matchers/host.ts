import { z } from 'zod';
import { defineMatcher } from './matcher.ts';
import { listOf, oneOrMore, orList } from './one-or-more.ts';
import { compilePatterns, patternsCover, patternsExclude } from './text-pattern.ts';

/** Host in group 1 or (an IPv6 address in brackets) 2, port in 3. */
const HOST = /^(?:([a-z0-9*._-]+)|\[([0-9a-f:.]+)\])(?::([0-9]{1,5}))?$/;

const hostGlob = z
  .string()
  .regex(
    HOST,
    'not a host: write a name in lower case such as api.anthropic.com, *.example.com, host:8443 or [::1]:443',
  );

function split(glob: string): { host: string; port: number | undefined } {
  const [, name, address, port] = HOST.exec(glob)!;
  return { host: name ?? address!, port: port === undefined ? undefined : Number(port) };
}

/** The target's host, on any port unless one is given. */
export const host = defineMatcher({
  key: 'host',
  phase: 'connection',
  reads: 'scope',
  summary: 'The target host is this one, or one of these; `*` stands for any characters, `:port` narrows it.',
  params: oneOrMore(hostGlob),
  examples: ['api.anthropic.com', ['*.example.com', '[::1]:8443']],
  compile: (params) => {
    const tests = listOf(params).map((glob) => {
      const { host: name, port } = split(glob);
      return { pattern: compilePatterns(name, 'text'), port };
    });
    return {
      test: (facts) =>
        tests.some(
          ({ pattern, port }) => (port === undefined || port === facts.port) && pattern.test(facts.host),
        ),
      explain: () => `host is ${orList(listOf(params))}`,
    };
  },
  covers: (wide, narrow) =>
    listOf(narrow).every((one) =>
      listOf(wide).some((other) => {
        const a = split(other);
        const b = split(one);
        return (a.port === undefined || a.port === b.port) && patternsCover(a.host, b.host, 'text');
      }),
    ),
  excludes: (a, b) =>
    listOf(a).every((one) =>
      listOf(b).every((other) => {
        const x = split(one);
        const y = split(other);
        const ports = x.port !== undefined && y.port !== undefined && x.port !== y.port;
        return ports || patternsExclude(x.host, y.host, 'text');
      }),
    ),
});
