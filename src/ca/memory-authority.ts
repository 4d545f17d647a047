/** A certificate authority of one process, for tests: its keys and certificates are never on a disk. */
import type { Clock } from '../core/clock.ts';
import type { CertificateAuthority } from './authority.ts';
import { ContextCache } from './context-cache.ts';
import { parseTarget } from './host-name.ts';
import { issuerOf } from './issuer.ts';
import { makeOwnCa } from './own-ca.ts';
import { asStored, type StoredCa } from './store.ts';

export interface MemoryAuthorityOptions {
  /** Hosts to sign for, as in `openAuthority`; the CA can sign for no other. */
  readonly targets: readonly string[];
  /** For tests; the system's clock by default. */
  readonly clock?: Pick<Clock, 'wall'>;
}

/** What `openAuthority` gives, but for a file. */
export type MemoryAuthority = Omit<CertificateAuthority, 'certificatePath'>;

/**
 * Makes a CA that lives and dies with this process, of the same make and limits as the one on disk. It is made when its
 * certificate, or a first one for a host, is asked for.
 *
 * @throws Problem `bad-option` for a target that no certificate can name
 * @example
 * ```ts
 * const ca = memoryAuthority({ targets: ['api.anthropic.com'] });
 * const proxy = await startProxy({ ca });
 * https.request({ agent, ca: ca.certificatePem, host: 'api.anthropic.com', path: '/v1/messages' });
 * ```
 */
export function memoryAuthority({ targets, clock = SYSTEM_CLOCK }: MemoryAuthorityOptions): MemoryAuthority {
  const hosts = targets.map(parseTarget);
  let made: StoredCa | undefined;
  const own = (): StoredCa => {
    made ??= asStored(makeOwnCa(hosts, clock.wall()));
    return made;
  };
  const contexts = new ContextCache(() => {
    const { issuer, key, chainPem } = own();
    return issuerOf(issuer, key, chainPem);
  }, clock);
  return {
    get certificatePem() {
      return own().rootPem;
    },
    secureContext: (host, flaw, groups) => contexts.get(host, flaw, groups),
  };
}

const SYSTEM_CLOCK: Pick<Clock, 'wall'> = { wall: () => Date.now() };
