/** TLS contexts by host and flaw: made once, kept while used (LRU), renewed before their leaf expires. */
import { createHmac, generateKeyPairSync } from 'node:crypto';
import { createSecureContext, type SecureContext } from 'node:tls';
import type { Clock } from '../core/clock.ts';
import { Problem } from '../core/problem.ts';
import { type HostName, parseHostName } from './host-name.ts';
import type { Issuer } from './issuer.ts';
import { type CertificateFlaw, issueLeaf, type Leaf, type LeafKey, leafKey } from './leaf.ts';
import { writePem } from './pem.ts';
import { strangerCa } from './stranger-ca.ts';

const CAPACITY = 256;
/** Name, HMAC key and AES key, as Node takes them. */
const TICKET_KEYS_BYTES = 48;
const DAY = 86_400_000;

interface Entry {
  readonly context: SecureContext;
  /** Served while `from <= wall < until`. */
  readonly from: number;
  readonly until: number;
}

interface LastEntry {
  readonly host: string;
  readonly flaw: CertificateFlaw | undefined;
  readonly groups: string | undefined;
  readonly entry: Entry;
}

function isUsable({ from, until }: Entry, now: number): boolean {
  return from <= now && now < until;
}

export class ContextCache {
  /** Least recently used first. */
  readonly #entries = new Map<string, Entry>();
  readonly #issuerOf: () => Issuer;
  readonly #clock: Pick<Clock, 'wall'>;
  readonly #ticketSecret: Uint8Array | undefined;
  #key: LeafKey | undefined;
  #keyPem = '';
  #issuer: Issuer | undefined;
  #stranger: Issuer | undefined;
  /** The entry that was asked for last, most recently used anyway. */
  #last: LastEntry | undefined;

  /**
   * @param issuer asked for once, when the first leaf is made: a start that intercepts nothing needs none
   * @param ticketSecret what processes that resume each other's sessions have in common
   */
  constructor(issuer: () => Issuer, clock: Pick<Clock, 'wall'>, ticketSecret?: Uint8Array) {
    this.#issuerOf = issuer;
    this.#clock = clock;
    this.#ticketSecret = ticketSecret;
  }

  /** @throws Problem `client-tls-failed` when `host` is not a name that certificates can hold */
  get(host: string, flaw?: CertificateFlaw, groups?: string): SecureContext {
    const now = this.#clock.wall();
    const last = this.#last;
    if (last?.host === host && last.flaw === flaw && last.groups === groups && isUsable(last.entry, now))
      return last.entry.context;
    const entry = this.#find(host, now, flaw, groups);
    this.#last = { host, flaw, groups, entry };
    return entry.context;
  }

  #find(host: string, now: number, flaw: CertificateFlaw | undefined, groups: string | undefined): Entry {
    const name = parseHostName(host);
    if (!name) {
      throw new Problem(
        'client-tls-failed',
        `No certificate can be made for the server name ${JSON.stringify(host)}: it is neither a host name nor an address.`,
      );
    }
    const plain = flaw === undefined ? name.name : `${flaw} ${name.name}`;
    const id = groups === undefined ? plain : `${groups} ${plain}`;
    const found = this.#entries.get(id);
    if (found) this.#entries.delete(id);
    const entry = found && isUsable(found, now) ? found : this.#make(id, name, now, flaw, groups);
    this.#entries.set(id, entry);
    if (this.#entries.size > CAPACITY) this.#entries.delete(this.#entries.keys().next().value!);
    return entry;
  }

  #make(
    id: string,
    host: HostName,
    now: number,
    flaw: CertificateFlaw | undefined,
    groups: string | undefined,
  ): Entry {
    const key = this.#leafKey();
    const issuer =
      flaw === 'untrusted' ? (this.#stranger ??= strangerCa(now)) : (this.#issuer ??= this.#issuerOf());
    const leaf = issueLeaf(issuer, key, host, now, flaw);
    const chain = flaw === 'self-signed' ? '' : issuer.chainPem;
    const context = createSecureContext({
      key: this.#keyPem,
      cert: writePem('CERTIFICATE', leaf.der) + chain,
      minVersion: 'TLSv1.2',
      maxVersion: 'TLSv1.3',
      sessionIdContext: 'fault-proxy',
      ...(groups === undefined ? {} : { ecdhCurve: groups }),
      ...(this.#ticketSecret === undefined ? {} : { ticketKeys: ticketKeys(this.#ticketSecret, id) }),
    });
    return { context, ...(flaw === 'expired' ? ALWAYS : usable(leaf)) };
  }

  /** Made when first needed: a start that intercepts nothing pays nothing. */
  #leafKey(): LeafKey {
    if (!this.#key) {
      this.#key = leafKey(generateKeyPairSync('ec', { namedCurve: 'P-256' }));
      this.#keyPem = this.#key.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
    }
    return this.#key;
  }
}

/** Keys of one context: a session with one certificate must not be resumed where another would be shown. */
function ticketKeys(secret: Uint8Array, id: string): Buffer {
  return createHmac('sha512', secret).update(id).digest().subarray(0, TICKET_KEYS_BYTES);
}

const ALWAYS = { from: Number.NEGATIVE_INFINITY, until: Number.POSITIVE_INFINITY };

/** Renewed a day before its end, or half-way through a life cut short by the issuer's own end. */
function usable({ notBefore, notAfter }: Leaf): { from: number; until: number } {
  return { from: notBefore, until: Math.max(notAfter - DAY, (notBefore + notAfter) / 2) };
}
