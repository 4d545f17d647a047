/** The roots that this machine's programs trust, found where its system keeps them. */
import { readFile } from 'node:fs/promises';
import * as tls from 'node:tls';
import { readPemCertificates } from './pem.ts';

export interface SystemRoots {
  readonly pem: string;
  /** Where they come from: files, `system store`, `Node's own list`. */
  readonly sources: readonly string[];
  /** The bundle file among them, if there is one. */
  readonly path: string | undefined;
}

/** Bundles that distributions keep, most telling first; the list is the union of what curl, Go and OpenSSL look for. */
const BUNDLES = [
  '/etc/ssl/certs/ca-certificates.crt', // Debian, Ubuntu, Arch, Gentoo, NixOS
  '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem', // RHEL, Fedora
  '/etc/pki/tls/certs/ca-bundle.crt', // older RHEL, Fedora
  '/etc/ssl/ca-bundle.pem', // openSUSE
  '/etc/pki/tls/cacert.pem', // OpenELEC
  '/etc/ssl/cert.pem', // Alpine, macOS, BSDs
  '/usr/local/share/certs/ca-root-nss.crt', // FreeBSD
];

export interface SystemRootsOptions {
  /** Candidate files, for tests; the known ones by default. */
  readonly bundles?: readonly string[];
  /** `process.platform`, for tests. */
  readonly platform?: string;
}

/**
 * The system's roots as one PEM text: the first bundle that exists, on macOS and Windows also the system's store where
 * this Node can read it (22.15 and later). Where nothing is found, the list that Node was built with.
 */
export async function systemRoots(options: SystemRootsOptions = {}): Promise<SystemRoots> {
  const { bundles = BUNDLES, platform = process.platform } = options;
  const parts: { source: string; pem: string }[] = [];
  const file = await firstBundle(platform === 'win32' && !options.bundles ? [] : bundles);
  if (file) parts.push({ source: file.path, pem: file.pem });
  if (platform === 'darwin' || platform === 'win32') {
    const store = storeCertificates();
    if (store.length > 0) parts.push({ source: 'system store', pem: store.join('\n') });
  }
  // Windows fetches roots only when they are first needed: its store alone is never whole.
  if (parts.length === 0 || platform === 'win32') {
    parts.push({ source: "Node's own list", pem: tls.rootCertificates.join('\n') });
  }
  return {
    pem: parts.map(({ pem }) => pem).join('\n'),
    sources: parts.map(({ source }) => source),
    path: file?.path,
  };
}

async function firstBundle(paths: readonly string[]): Promise<{ path: string; pem: string } | undefined> {
  for (const path of paths) {
    const pem = await readFile(path, 'latin1').catch(() => '');
    if (readPemCertificates(pem).length > 0) return { path, pem };
  }
  return undefined;
}

function storeCertificates(): string[] {
  // Not in the types of the oldest Node that we run on.
  const { getCACertificates } = tls as unknown as { getCACertificates?: (type: 'system') => string[] };
  try {
    return getCACertificates?.('system') ?? [];
  } catch {
    // A store that cannot be read is no reason to fail: the other sources stand.
    return [];
  }
}
