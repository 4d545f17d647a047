/**
 * The folders of the engine, from the top down: each may import from those below it, and the files above all may import
 * from any. docs/architecture.md shows it, test/architecture holds every import against it.
 */

export interface EngineFolder {
  readonly name: string;
  /** One line: what is decided or done here, and nowhere else. */
  readonly holds: string;
}

export const ENGINE_FOLDERS: readonly EngineFolder[] = [
  {
    name: 'accept',
    holds: 'what a connection is: TLS, HTTP or none of ours; the handshake with our certificate',
  },
  {
    name: 'http1',
    holds: 'the client’s side of HTTP/1.1: one request after the other, and how its connection ends',
  },
  { name: 'call', holds: 'one call from its head to its end: facts → decide → inject or forward → events' },
  {
    name: 'response',
    holds: 'an answer on its way to the client: relayed, or changed by the effects that act on it',
  },
  {
    name: 'injection',
    holds: 'a decision’s effects up to the answer, and the telling of each: applied or skipped',
  },
  {
    name: 'request',
    holds: 'a request on its way up: where it goes, what rules see of it, its head and its body',
  },
  { name: 'tunnel', holds: 'CONNECT and upgrades: tunnels that are looked into, and blind ones' },
  {
    name: 'connection',
    holds:
      'a client’s stream, its faults before any request, and the ports to all above (`services.ts`, `client-leg.ts`)',
  },
  { name: 'front', holds: 'who we are: our own addresses, and the guard against web pages' },
  { name: 'problems', holds: 'answers for what fails by itself, marked as ours and natural' },
  { name: 'plan', holds: 'effects in their order, and the bytes of injected answers' },
  { name: 'upstream', holds: 'the way to the upstream: pool, route, dial, TLS' },
  { name: 'transport', holds: 'bytes and endings: what a connection is made of, whoever it belongs to' },
];
