/** Asks the rules about a connection, before any request of it is read. What they decide is carried out in `connection-faults.ts`. */
import type { ConnectionFacts } from '../../core/facts.ts';
import { phraseText } from '../../core/phrase.ts';
import type { Authority, Transport } from '../transport/transport.ts';
import { ConnectionFaults } from './connection-faults.ts';
import type { Services } from './services.ts';

/** A connection to a target that rules are asked about. */
export interface AskedConnection extends Pick<ConnectionFacts, 'sni' | 'via'> {
  readonly to: Authority;
  /** Without a stream where no connection will tell its end: then the caller does, with `over`. */
  readonly transport: Pick<Transport, 'peer' | 'impossible'> & Partial<Pick<Transport, 'stream'>>;
}

/** Asks the rules about a connection. @returns undefined where none of them fires on connections */
export function decideConnection(
  services: Services,
  connection: number,
  { to, sni, via, transport }: AskedConnection,
): ConnectionFaults | undefined {
  const { sink, clock } = services.options;
  if (!services.rules.needs.connection) return undefined;
  const facts: ConnectionFacts = { ...to, sni, via, peer: transport.peer };
  const decision = services.rules.decideConnection(facts, clock.instant());
  if (decision.rule === null) return undefined;
  if (sink.active)
    sink.emit({
      v: 1,
      type: 'connection.decided',
      at: clock.wall(),
      connection,
      via: facts.via,
      host: facts.host,
      port: facts.port,
      ...(facts.sni === undefined ? {} : { sni: facts.sni }),
      rule: decision.rule,
      nth: decision.nth,
      ordinal: decision.ordinal,
      faults: decision.faults.map(({ kind }) => kind),
      why: phraseText(decision.why()),
      skipped: decision.skipped,
    });
  const faults = new ConnectionFaults(services, connection, decision, transport.impossible);
  transport.stream?.once('close', faults.ended);
  return faults;
}
