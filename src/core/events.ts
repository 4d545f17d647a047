/**
 * The one stream of events: the only thing that observers (log, recorder, summary, verdict, dashboard) see.
 * Nothing in it ever holds a key, a cookie, an authorization or a body.
 * Each line of an event log is one of these as JSON. Versioned by `v`.
 */
import type { Via } from './facts.ts';
import type { Phrase } from './phrase.ts';
import type { Skip } from './rules/decision.ts';

/** Whose doing a failure was. `natural`: not ours. */
export type Cause = 'injected' | 'natural';

interface Base {
  readonly v: 1;
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
}

interface ExchangeBase extends Base {
  /** Number of the call in this process, from 1. */
  readonly exchange: number;
}

/** Rules begin to decide: the first line of an event log, and one more for each reload. */
export interface RulesArmed extends Base {
  readonly type: 'rules.armed';
  /** With the same rules, it makes the same decisions again. */
  readonly seed: string;
  /** Names, in order. */
  readonly rules: readonly string[];
}

/** The rules have spoken. */
export interface ExchangeDecided extends ExchangeBase {
  readonly type: 'exchange.decided';
  readonly connection: number;
  readonly via: Via;
  readonly tls: boolean;
  readonly method: string;
  readonly host: string;
  readonly port: number;
  /** Without query. */
  readonly path: string;
  /** Known only where the body was read: a rule asks for it, or an observer ({@link ObserverNeeds}). */
  readonly model?: string;
  readonly stream?: boolean;
  /**
   * Which try of one call this is: 0 is the first. As the client told it, from 1 on, or as it was counted because a rule
   * asks for it, or an observer asks for bodies; absent where neither is so, for then nobody knows. (Older logs say 0 there.)
   */
  readonly attempt?: number;
  /** Fingerprint of the conversation, 12 hex digits, where an observer asks for bodies and the call tells it. */
  readonly conversation?: string;
  /** Fingerprint of the key, 12 hex digits, or `none`. */
  readonly client: string;
  readonly rule: string | null;
  readonly nth: number;
  readonly ordinal: number;
  /** Kinds of the faults planned; empty when the call passes. */
  readonly faults: readonly string[];
  readonly why: string;
  /** `why`, not printed yet, where it was not; never part of the event as JSON. */
  readonly phrase?: Phrase;
  readonly skipped: readonly Skip[];
}

/** The rules have spoken on a connection: only where some rule has a connection phase, and one fired. */
export interface ConnectionDecided extends Base {
  readonly type: 'connection.decided';
  readonly connection: number;
  readonly via: Via;
  readonly host: string;
  readonly port: number;
  readonly sni?: string;
  readonly rule: string | null;
  readonly nth: number;
  /** Number of the connection among all that rules were asked about, from 1. */
  readonly ordinal: number;
  readonly faults: readonly string[];
  readonly why: string;
  readonly skipped: readonly Skip[];
}

/** A fault took hold: bytes, waits or ends that the client sees differ from now on. */
export interface FaultApplied extends ExchangeBase {
  readonly type: 'fault.applied';
  readonly connection: number;
  readonly rule: string;
  readonly fault: string;
  /** What was done, e.g. `respond 529`, `delay 1500 ms`, `reset at request`. */
  readonly effect: string;
}

/** A planned fault could not be carried out. Never counted as done. */
export interface FaultSkipped extends ExchangeBase {
  readonly type: 'fault.skipped';
  readonly connection: number;
  readonly rule: string;
  readonly fault: string;
  readonly reason: string;
}

/** An answer's head goes to the client. */
export interface ExchangeHead extends ExchangeBase {
  readonly type: 'exchange.head';
  readonly status: number;
  /** Who made the answer: a fault, the upstream, or the proxy itself (its own failure, natural). */
  readonly source: 'injected' | 'upstream' | 'proxy';
  /** Milliseconds since the request's first byte. */
  readonly ms: number;
}

/** How a call ended. */
export type EndedHow =
  | 'complete'
  /** The client went away first. */
  | 'client-abort'
  /** The upstream broke off after its head; the client's answer broke off with it. */
  | 'upstream-abort'
  /** A fault ended it. */
  | 'fault-end'
  /** We were stopped. */
  | 'shutdown'
  /** The client's bytes were not HTTP that we accept. */
  | 'bad-request'
  /** A bug of ours: its connection was ended, and nothing else. */
  | 'own-failure';

/** Exactly one per call, always the last. */
export interface ExchangeEnded extends ExchangeBase {
  readonly type: 'exchange.ended';
  readonly how: EndedHow;
  /** Whose doing it was that the client did not get a good answer; null when it did. */
  readonly cause: Cause | null;
  /** Status sent; 0 when no head went out. */
  readonly status: number;
  readonly source: 'injected' | 'upstream' | 'proxy' | 'none';
  /** Bytes of the request and of the answer, heads included. */
  readonly bytesUp: number;
  readonly bytesDown: number;
  /** Milliseconds from the request's first byte to the end. */
  readonly ms: number;
}

/** Something failed that no fault planned. */
export interface ExchangeError extends ExchangeBase {
  readonly type: 'exchange.error';
  readonly cause: 'natural';
  /** Code of the problem table (`core/problem.ts`). */
  readonly code: string;
  readonly message: string;
}

/** A connection, or a tunnel in it, that carried no exchange when something befell it. `exchange` is 0 in its fault events. */
export interface ConnectionError extends Base {
  readonly type: 'connection.error';
  readonly connection: number;
  readonly host?: string;
  readonly code: string;
  readonly message: string;
}

/** A tunnel to a host that is no target, passed blind. */
export interface TunnelEnded extends Base {
  readonly type: 'tunnel.ended';
  readonly connection: number;
  /** Absent in a tunnel of the fault proxy whose client did not name it in TLS. */
  readonly host?: string;
  /** Absent in tunnels of the fault proxy. */
  readonly port?: number;
  readonly bytesUp: number;
  readonly bytesDown: number;
  readonly ms: number;
}

/** Something the user should read once (a rejected CA, an ignored setting). */
export interface Notice extends Base {
  readonly type: 'notice';
  readonly code: string;
  readonly message: string;
}

/** Code of the notice that is the last line of an event log whose run ended in order. */
export const RUN_ENDED = 'run-ended';

/**
 * Whoever takes events by their type names each, also those of which nothing follows for it, and ends with
 * `event satisfies never`: a new one does not compile until everybody has said what it is to them.
 */
export type ProxyEvent =
  | RulesArmed
  | ConnectionDecided
  | ExchangeDecided
  | FaultApplied
  | FaultSkipped
  | ExchangeHead
  | ExchangeEnded
  | ExchangeError
  | ConnectionError
  | TunnelEnded
  | Notice;

/** What an observer needs of calls besides what their heads say; asked for as rules ask (`RuleSet.needs`). */
export interface ObserverNeeds {
  /** Bodies are read, so that `exchange.decided` tells model, attempt and conversation. They are held until then. */
  readonly body: boolean;
}

/** Where events go. Check `active` before building an event: with nobody watching, none is built. */
export interface EventSink {
  readonly active: boolean;
  /** Somebody wants every step. If not, steps of a call from which nothing follows (an uneventful `exchange.decided`, `exchange.head`) need not be told. */
  readonly everyStep: boolean;
  /** What somebody needs; nothing by default. */
  readonly needs?: ObserverNeeds;
  emit(event: ProxyEvent): void;
}
