/**
 * The certificate authority as the engine sees it: a TLS context per host. Behind it stands our own CA (`own-ca.ts`,
 * `store.ts`) or the user's (`user-ca.ts`); leaves come from `leaf.ts`.
 */
import type { SecureContext } from 'node:tls';
import type { Clock } from '../core/clock.ts';
import { Problem } from '../core/problem.ts';
import { readCertificate } from './certificate-reader.ts';
import { ContextCache } from './context-cache.ts';
import { type HostName, parseTarget } from './host-name.ts';
import { type Issuer, issuerOf } from './issuer.ts';
import type { CertificateFlaw } from './leaf.ts';
import { type NameConstraints, permits, permittedHosts } from './name-constraints.ts';
import { outdatedCa } from './outdated-ca.ts';
import type { OwnCa } from './own-ca.ts';
import { rotateCommand } from './rotate-command.ts';
import { loadOrCreate, replaceStore, type StoredCa, storePaths } from './store.ts';
import { day, validity } from './validity.ts';

export type { CertificateFlaw } from './leaf.ts';

export interface CertificateAuthority {
  /** PEM of the root to trust (of the user's own CA, where that is used). */
  readonly certificatePem: string;
  /** Absolute or as the user gave it: the file that holds {@link certificatePem}. */
  readonly certificatePath: string;
  /**
   * A TLS context with a leaf for `host` (DNS name or address, brackets allowed) and its chain. One per host and flaw,
   * so that sessions resume across connections; made anew before the leaf expires. Synchronous, 1–2 ms when new.
   *
   * @throws Problem `client-tls-failed` when no certificate can be made for such a name
   */
  secureContext(host: string, flaw?: CertificateFlaw, groups?: string): SecureContext;
}

export interface AuthorityOptions {
  /** Where our CA lives; see `state-dir.ts`. Not touched when the user's CA is used. */
  readonly stateDir: string;
  /** Hosts to sign for: `api.anthropic.com`, `*.example.com`, addresses; ports are ignored. */
  readonly targets: readonly string[];
  /** PEM files of the user's own CA: both or neither. */
  readonly caCert?: string;
  readonly caKey?: string;
  /** Processes that have it in common resume each other's TLS sessions; without it a process resumes its own alone. */
  readonly ticketSecret?: Uint8Array;
  /** For tests; the system's clock by default. */
  readonly clock?: Pick<Clock, 'wall'>;
}

const SYSTEM_CLOCK: Pick<Clock, 'wall'> = { wall: () => Date.now() };

/**
 * Opens the user's CA, or ours; ours is made on first use.
 *
 * @throws Problem `bad-ca` | `file-not-found` | `no-permission` for files that cannot serve, `ca-target-changed` when
 * our CA was made for other targets, `bad-option` for a target that no certificate can name
 */
export async function openAuthority(options: AuthorityOptions): Promise<CertificateAuthority> {
  const clock = options.clock ?? SYSTEM_CLOCK;
  const targets = options.targets.map(parseTarget);
  if (options.caCert !== undefined || options.caKey !== undefined) {
    const { loadUserCa } = await import('./user-ca.ts');
    const user = await loadUserCa(options.caCert, options.caKey, clock.wall());
    const { issuer } = user;
    const refused = refusedTargets(issuer.constraints, targets);
    if (refused.length > 0) {
      throw new Problem(
        'bad-ca',
        `The CA in ${user.certificatePath} is constrained to ${allowed(issuer.constraints)} and cannot sign for ${refused.join(', ')}; use another --ca-cert, or leave it out.`,
      );
    }
    return authority(() => issuer, user.certificatePem, user.certificatePath, clock, options.ticketSecret);
  }
  const stored = await loadOrCreate(options.stateDir, () => newCa(targets, clock));
  checkOwn(stored, targets, options, clock.wall());
  return ownAuthority(stored, options.stateDir, clock, options.ticketSecret);
}

/** Replaces our CA by a new one for `targets`, in one step. Trust in the old one has to be removed and the new one trusted. */
export async function rotateAuthority(
  options: Pick<AuthorityOptions, 'stateDir' | 'targets' | 'clock'>,
): Promise<CertificateAuthority> {
  const clock = options.clock ?? SYSTEM_CLOCK;
  const stored = await replaceStore(options.stateDir, await newCa(options.targets.map(parseTarget), clock));
  return ownAuthority(stored, options.stateDir, clock);
}

/** Loaded when one is made: most starts find theirs. */
async function newCa(targets: readonly HostName[], clock: Pick<Clock, 'wall'>): Promise<OwnCa> {
  const { makeOwnCa } = await import('./own-ca.ts');
  return makeOwnCa(targets, clock.wall());
}

function ownAuthority(
  stored: StoredCa,
  stateDir: string,
  clock: Pick<Clock, 'wall'>,
  ticketSecret?: Uint8Array,
): CertificateAuthority {
  const issuer = (): Issuer => issuerOf(stored.issuer, stored.key, stored.chainPem);
  return authority(issuer, stored.rootPem, storePaths(stateDir).certificate, clock, ticketSecret);
}

function authority(
  issuer: () => Issuer,
  pem: string,
  path: string,
  clock: Pick<Clock, 'wall'>,
  ticketSecret: Uint8Array | undefined,
): CertificateAuthority {
  const contexts = new ContextCache(issuer, clock, ticketSecret);
  return {
    certificatePem: pem,
    certificatePath: path,
    secureContext: (host, flaw, groups) => contexts.get(host, flaw, groups),
  };
}

function checkOwn(
  { issuer, outdated }: StoredCa,
  targets: readonly HostName[],
  options: AuthorityOptions,
  now: number,
): void {
  const rotate = `run "${rotateCommand(options.stateDir, options.targets)}" and trust the new certificate`;
  if (outdated) throw outdatedCa(options.stateDir, options.targets);
  const { nameConstraints } = readCertificate(issuer.raw);
  const refused = refusedTargets(nameConstraints, targets);
  if (refused.length > 0) {
    throw new Problem(
      'ca-target-changed',
      `The certificate authority in ${options.stateDir} was made for ${allowed(nameConstraints)} and cannot sign for ${refused.join(', ')}; ${rotate}, or keep both with another --state-dir.`,
    );
  }
  const { notBefore, notAfter } = validity(issuer);
  if (now < notBefore) {
    throw new Problem(
      'bad-ca',
      `The certificate authority in ${options.stateDir} is valid only from ${day(notBefore)}; correct this machine's clock, or ${rotate}.`,
    );
  }
  if (now >= notAfter) {
    throw new Problem(
      'bad-ca',
      `The certificate authority in ${options.stateDir} expired on ${day(notAfter)}; ${rotate}.`,
    );
  }
}

function refusedTargets(constraints: NameConstraints | undefined, targets: readonly HostName[]): string[] {
  return constraints ? targets.filter((host) => !permits(constraints, host)).map((host) => host.name) : [];
}

function allowed(constraints: NameConstraints | undefined): string {
  return (constraints && permittedHosts(constraints).join(', ')) || 'no host';
}
