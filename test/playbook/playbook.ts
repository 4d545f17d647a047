/**
 * A playbook: one journey as a transcript of what each side says, in the order in which it is said. What the engine does
 * in between is written down as `we`, all of it: anything that it does or tells beyond that fails, as does whatever is
 * left open or pending at the end.
 *
 * ```ts
 * playbook('an upstream that answers', {}, async ({ connects, we }) => {
 *   const client = await connects();
 *   await client.says(GET);
 *   const upstream = we.dial('api.anthropic.com:443');
 *   we.tell('decided pass');
 *   await upstream.opens();
 *   …
 * ```
 */
import { AssertionError } from 'node:assert';
import { expect, it } from 'vitest';
import type { ProxyEvent } from '../../src/core/events.ts';
import { leftOpen, untold } from './laws.ts';
import type { Heard } from './leg.ts';
import { type Peer, Stage, type StageOptions } from './stage.ts';

interface Line {
  readonly peer: Peer;
  did: Heard['did'] | 'dial' | 'give up';
  bytes: string;
}

/**
 * What the engine did, in order. Each takes the next thing that it did to a peer, and fails where that is something else.
 * Which of two peers hears first is left open.
 */
export interface We {
  /** Opens a connection to an upstream. @returns the upstream */
  dial(authority: string): Peer;
  /** Sends bytes: these, or some that match. */
  send(to: Peer, bytes: string | RegExp): void;
  /** Sends FIN. */
  end(to: Peer): void;
  /** Sends RST. */
  reset(to: Peer): void;
  /** Lets go of a connection without a FIN of its own before. */
  drop(to: Peer): void;
  /** Gives up a dial. */
  giveUp(on: Peer): void;
  /** Tells events, as {@link inShort}. */
  tell(...events: readonly string[]): void;
  /** Does, and tells, nothing more for now. */
  wait(): void;
}

export interface Play {
  connects(): Promise<Peer>;
  readonly stage: Stage;
  readonly we: We;
  readonly clock: { passes(ms: number): Promise<void> };
  /** The proxy stops, with a grace of so many milliseconds. */
  stops(graceMs: number): Promise<void>;
}

export function playbook(name: string, options: StageOptions, play: (play: Play) => Promise<void>): void {
  it(name, () => perform(options, play));
}

async function perform(options: StageOptions, play: (play: Play) => Promise<void>): Promise<void> {
  const lines: Line[] = [];
  const told: string[] = [];
  const stage = new Stage({
    ...options,
    onWire: (peer, heard) => {
      const bytes = heard.did === 'send' ? heard.bytes.toString('latin1') : '';
      const last = lines.findLast((line) => line.peer === peer);
      // How bytes are cut into writes is nobody's business.
      if (heard.did === 'send' && last?.did === 'send') last.bytes += bytes;
      else lines.push({ peer, did: heard.did, bytes });
    },
    onEvent: (event) => told.push(inShort(event)),
  });
  const next = (did: Line['did'], peer?: Peer): Line => {
    const at = lines.findIndex((line) => (peer ? line.peer === peer : line.did === did));
    const line = at < 0 ? undefined : lines[at];
    const wanted = `${did}${peer ? ` ${peer.name}` : ''}`;
    const got = line ? describe(line) : 'nothing';
    if (line?.did !== did)
      throw new AssertionError({
        message: `we should ${wanted}, and did: ${got}`,
        actual: got,
        expected: wanted,
      });
    lines.splice(at, 1);
    return line;
  };
  const rest = (): unknown => ({ we: lines.map(describe), told });
  const we: We = {
    dial: (authority) => {
      const { peer } = next('dial');
      expect(peer.name).toBe(authority);
      return peer;
    },
    send: (to, bytes) => {
      const line = next('send', to);
      if (typeof bytes === 'string') expect(line.bytes).toBe(bytes);
      else expect(line.bytes).toMatch(bytes);
    },
    end: (to) => void next('end', to),
    reset: (to) => void next('reset', to),
    drop: (to) => void next('drop', to),
    giveUp: (on) => void next('give up', on),
    tell: (...events) => expect(told.splice(0, Math.max(events.length, 1))).toEqual(events),
    wait: () => expect(rest()).toEqual({ we: [], told: [] }),
  };
  try {
    await play({
      connects: () => stage.connects(),
      stage,
      we,
      clock: stage,
      stops: (graceMs) => stage.stops(graceMs),
    });
    we.wait();
    const kept = stage.upstreams.filter(({ leg }) => !leg.destroyed).length;
    // Connections to upstreams are kept for others; all else must be over by now.
    expect(leftOpen(stage).filter((text) => !/upstream|:\d+ is still open/.test(text))).toEqual([]);
    expect(stage.engine.pool.size).toBe(kept);
  } finally {
    await stage.over();
  }
  expect(leftOpen(stage)).toEqual([]);
  expect(untold(stage.events)).toEqual([]);
  expect(told).toEqual([]);
}

function describe({ did, peer, bytes }: Line): string {
  return `${did} ${peer.name}${did === 'send' ? ` ${JSON.stringify(bytes)}` : ''}`;
}

/** An event in a few words: `decided latency`, `applied latency`, `ended complete`, `ended upstream-abort, natural`. */
function inShort(event: ProxyEvent): string {
  switch (event.type) {
    case 'exchange.decided':
      return `decided ${event.faults.join(' + ') || 'pass'}`;
    case 'connection.decided':
      return `connection decided ${event.faults.join(' + ')}`;
    case 'fault.applied':
      return `applied ${event.fault}`;
    case 'fault.skipped':
      return `skipped ${event.fault}`;
    case 'exchange.head':
      return `head ${event.status} ${event.source}`;
    case 'exchange.ended':
      return `ended ${event.how}${event.cause === null ? '' : `, ${event.cause}`}`;
    case 'exchange.error':
      return `error ${event.code}`;
    case 'connection.error':
      return `connection error ${event.code}`;
    case 'tunnel.ended':
      return `tunnel ended ${event.bytesUp} up, ${event.bytesDown} down`;
    case 'notice':
      return `notice ${event.code}`;
    case 'rules.armed':
      return 'rules armed';
  }
}
