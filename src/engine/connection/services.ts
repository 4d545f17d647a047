/**
 * What a connection, a call or a tunnel needs of the engine that it belongs to, and what the engine needs of them. The
 * engine implements it; nobody below it knows more of the engine than this.
 */
import type { CertificateAuthority } from '../../ca/authority.ts';
import type { Clock, Instant } from '../../core/clock.ts';
import type { EventSink } from '../../core/events.ts';
import type { RequestFacts } from '../../core/facts.ts';
import type { TargetHosts } from '../../core/net/target-host.ts';
import type { Decision, RuleSet } from '../../core/rules/decision.ts';
import type { Share } from '../../core/share.ts';
import type { PageGuard } from '../front/page-guard.ts';
import type { Self } from '../front/self.ts';
import type { AnswerTemplates } from '../plan/answer-template.ts';
import type { EffectSorter } from '../plan/effect-sorter.ts';
import type { Router } from '../upstream/router.ts';
import type { UpstreamPool } from '../upstream/upstream-pool.ts';
import type { HeadReaders } from './head-readers.ts';

export interface EngineOptions {
  readonly targets: TargetHosts;
  readonly rules: RuleSet;
  readonly ca: Pick<CertificateAuthority, 'secureContext'>;
  readonly router: Router;
  readonly self: Self;
  readonly guard: PageGuard;
  readonly sink: EventSink;
  readonly clock: Clock;
  /** Mark injected answers with `x-injected-fault`. */
  readonly marker: boolean;
  /** False off loopback: hosts that are no targets are refused, so that nobody borrows the proxy. */
  readonly openToOthers: boolean;
  /** Which connections and calls are numbered here; all of them by default. */
  readonly share?: Share;
  /** Honours `x-aep-fault`; undefined where request faults are not allowed. */
  readonly requestFault?: (name: string, facts: RequestFacts, at: Instant) => Decision | undefined;
}

/** A connection that the engine can end when it stops. */
export interface Tracked {
  /** True while a call or a tunnel is under way. */
  readonly busy: boolean;
  /** Ends as soon as nothing is under way. */
  drain(): void;
  /** Ends now. */
  destroy(): void;
  /** The engine's one sweep. */
  sweep(now: number): void;
}

export interface Services {
  readonly options: EngineOptions;
  /** Those in force; a call keeps what it began with. */
  readonly rules: RuleSet;
  readonly pool: UpstreamPool;
  readonly templates: AnswerTemplates;
  readonly sorter: EffectSorter;
  /** For connections whose first requests are meant for us, and for what is said in tunnels. */
  readonly readers: { readonly outer: HeadReaders; readonly inner: HeadReaders };
  /** True once the engine is to stop: connections end with the call under way. */
  readonly draining: boolean;
  nextCall(): number;
  /** What is added is swept, and ended when the engine stops. */
  add(live: Tracked): void;
  remove(live: Tracked): void;
  /** Says something once in the life of the process. */
  notice(code: string, message: string): void;
}
