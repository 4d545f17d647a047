/** The part of a dry run that comes before a call: what rules of connections do to the connection that it would open. */
import type { ConnectionEffect, Effect } from '../effect.ts';
import type { ConnectionFacts, RequestFacts } from '../facts.ts';
import { canonicalIp } from '../net/ip.ts';
import { phraseText } from '../phrase.ts';
import type { Decision } from './decision.ts';

/** The connection of one call of a dry run. */
export interface ConnectionStep {
  readonly rule: string | null;
  readonly nth: number;
  /** Kinds of the faults planned. */
  readonly faults: readonly string[];
  /** Those that can act on such a connection. */
  readonly effects: readonly Effect[];
  /** True when no call comes through it. */
  readonly ends: boolean;
  /** One sentence. */
  readonly why: string;
  /** Every other rule of connections, in order, and why it does not act. */
  readonly others: readonly { readonly rule: string; readonly reason: string }[];
}

/**
 * What is known of a call's connection when its rules decide. A tunnel to a name is decided at its CONNECT, before any
 * TLS hello; one to an IP address, and one of the fault proxy, with the hello's server name.
 */
export function connectionOf({ host, port, sni, via, peer }: RequestFacts): ConnectionFacts {
  const named = via === 'plugin' || (via === 'connect' && canonicalIp(host) !== undefined);
  return { host, port, sni: named ? sni : undefined, via, peer };
}

/** @param others as {@link ConnectionStep.others} */
export function connectionStep(
  decision: Decision,
  facts: ConnectionFacts,
  others: ConnectionStep['others'],
): ConnectionStep {
  const effects: Effect[] = [];
  const misfits: string[] = [];
  for (const { kind, effects: planned } of decision.faults) {
    for (const effect of planned as readonly ConnectionEffect[]) {
      const misfit = misfitOf(effect, facts);
      if (misfit === undefined) effects.push(effect);
      else misfits.push(`${kind} is skipped: ${misfit}`);
    }
  }
  const faults = decision.faults.map(({ kind }) => kind);
  const end = effects.map(endOf).find((text) => text !== undefined);
  const skipped = decision.skipped.map(({ fault, reason }) => `${fault} is skipped: ${reason}`);
  const what = faults.length === 0 ? '' : `: ${faults.join(' and ')}`;
  return {
    rule: decision.rule,
    nth: decision.nth,
    faults,
    effects,
    ends: end !== undefined,
    why: `${[`${phraseText(decision.why())}${what}`, ...skipped, ...misfits, ...(end ? [end] : [])].join('; ')}.`,
    others,
  };
}

/** Why an effect has nothing to act on. Tunnels are taken to carry TLS. */
function misfitOf(effect: ConnectionEffect, { host, via }: ConnectionFacts): string | undefined {
  if (effect.do === 'refuse')
    return via === 'connect' && canonicalIp(host) === undefined
      ? undefined
      : 'there is no CONNECT to a name that could be refused';
  const inTls = effect.do === 'tls' || (effect.do === 'end' && effect.at !== 'accept');
  return inTls && (via === 'origin' || via === 'absolute') ? 'there is no TLS' : undefined;
}

function endOf(effect: Effect): string | undefined {
  if (effect.do === 'refuse' || effect.do === 'end') return 'no call comes through';
  if (effect.do !== 'tls') return undefined;
  return effect.as === 'alert' || effect.as === 'old-protocol'
    ? 'no call comes through'
    : 'no call comes through, unless the client takes any certificate';
}
