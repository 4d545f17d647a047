/** What a proxy has where nobody said otherwise: everything that a test needs, and nothing that stays behind it. */
import type { RuleSet } from '../core/rules/decision.ts';
import type { ProxyOptions } from './proxy-options.ts';
import { RuleStore } from './rule-store.ts';

type Defaulted = 'host' | 'port' | 'targets' | 'ca' | 'upstream';

/** Options of which none is left open. */
export type Completed = Omit<ProxyOptions, 'rules'> &
  Required<Pick<ProxyOptions, Defaulted>> & {
    readonly rules: RuleStore | RuleSet;
    /** Ends what was made here. */
    release(): Promise<void>;
  };

/** @throws RulesProblem, and Problem `bad-option` for a target that no certificate can name */
export async function withDefaults(options: ProxyOptions): Promise<Completed> {
  const { host = '127.0.0.1', port = 0, targets = ['api.anthropic.com'], clock } = options;
  // First what may be refused: then nothing is open yet.
  const rules = rulesOf(options);
  const ca = options.ca ?? (await import('../ca/memory-authority.ts')).memoryAuthority({ targets });
  if (options.upstream) {
    return {
      ...options,
      host,
      port,
      targets,
      rules,
      ca,
      upstream: options.upstream,
      release: async () => {},
    };
  }
  const { createMockApi } = await import('../mock/mock-api.ts');
  const mock = createMockApi(clock && { clock });
  const upstream = { kind: 'mock', dial: () => mock.dial() } as const;
  return { ...options, host, port, targets, rules, ca, upstream, release: () => mock.close() };
}

function rulesOf({ rules = [], clock, share }: ProxyOptions): RuleStore | RuleSet {
  if (!Array.isArray(rules)) return rules as RuleStore | RuleSet;
  return new RuleStore(rules, { ...(clock && { clock }), ...(share && { shared: { share } }) });
}
