/** What the injection, and the stages of an answer, need of the call that they act for. */
import type { Clock, Instant } from '../../core/clock.ts';
import type { EndHow } from '../../core/effect.ts';
import type { Cause, EndedHow } from '../../core/events.ts';
import type { RequestHead } from '../../core/http1/head.ts';
import type { Problem } from '../../core/problem.ts';
import type { Decision } from '../../core/rules/decision.ts';
import type { ClientLeg } from '../connection/client-leg.ts';
import type { Services } from '../connection/services.ts';
import type { RequestRoute } from '../request/request-route.ts';
import type { CallReporter } from './call-reporter.ts';

export interface CallPort {
  readonly services: Services;
  readonly connection: ClientLeg;
  /** The time; what waits on it runs under the connection's guard. */
  readonly clock: Clock;
  readonly head: RequestHead;
  /** Where it goes, and how it came. */
  readonly place: RequestRoute;
  readonly reporter: CallReporter;
  /** What the rules decided; what passes by itself until they have. */
  readonly decision: Decision;
  /** The request's last byte was read. */
  readonly requestDone: boolean;
  /** Drops the request's body from here on. @returns false when there is more of it to wait for */
  dropRequest(): boolean;
  /** Sends the request up no faster than this. */
  slowRequest(bytesPerSecond: number): void;
  /** Sends the request to its upstream, starting with what is held. */
  forward(): void;
  /** Answers with bytes of our own; the rest of the request is read and dropped. */
  answer(bytes: Buffer, status: number, source: 'injected' | 'proxy', keepAlive: boolean, at: Instant): void;
  /** Answers with bytes of our own, on which effects act as on an upstream's. */
  answerInStages(bytes: Buffer, keepAlive: boolean): void;
  /** Writes answer bytes. @returns false when the client is slow */
  sendDown(bytes: Buffer): boolean;
  pauseUpstream(): void;
  resumeUpstream(): void;
  /**
   * The whole answer went out.
   *
   * @param keepAlive false when the answer ends with the connection
   * @param clean the upstream's answer was read exactly to its end
   */
  answerSent(keepAlive: boolean, cause: Cause | null, clean: boolean): void;
  /** Answers for a failure of our own or of the network: natural, never counted as injected. */
  fail(problem: Problem): void;
  /** Ends the client's connection in the given way; the call and its upstream end with it. */
  endConnection(how: EndHow, ended: EndedHow, cause: Cause): void;
  /** The upstream broke off in its answer, so ours breaks off too: a reset stays a reset, a FIN a FIN. */
  upstreamBrokeOff(error: Error | undefined): void;
  /** Nothing of the decision is still to come: tells the rules whether any of it took hold. Called once. */
  tellHold(): void;
}
