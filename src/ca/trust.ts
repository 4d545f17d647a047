/** What `--install-ca` and `ca untrust` print: how to trust the certificate, how to stop, and how to see that it works. */
import { quotePosix } from './quote.ts';
import type { Machine, TrustFacts, TrustPlace } from './trust-places.ts';
import { trustPlaces } from './trust-places.ts';
import { day } from './validity.ts';

export type { Machine } from './trust-places.ts';

export interface TrustOptions extends TrustFacts {
  /** Its place is printed first; see {@link detectMachine}. */
  readonly machine: Machine | undefined;
  /** Where the proxy listens, e.g. `http://127.0.0.1:8080`. */
  readonly proxyUrl: string;
  /** Target hosts as configured, at least one. */
  readonly targets: readonly string[];
}

/**
 * Which operating system's steps concern this machine; undefined for others.
 *
 * @param platform `process.platform`
 * @param osRelease text of `/etc/os-release`, where there is one
 */
export function detectMachine(platform: string, osRelease = ''): Machine | undefined {
  if (platform === 'darwin') return 'macos';
  if (platform === 'win32') return 'windows';
  const families = Array.from(
    osRelease.matchAll(/^ID(?:_LIKE)?="?([^"\n]*)"?$/gm),
    (match) => match[1]!,
  ).join(' ');
  if (/\b(debian|ubuntu)\b/.test(families)) return 'debian';
  return /\b(rhel|fedora|centos)\b/.test(families) ? 'rhel' : undefined;
}

/** Steps to trust the certificate everywhere, this machine's first, then removal, then a step that verifies. */
export function installText(options: TrustOptions): string {
  const { certificate, proxyUrl } = options;
  const places = ordered(options);
  return [
    ...heading(options),
    '',
    `Only clients that come through HTTPS_PROXY need it: with ANTHROPIC_BASE_URL=${proxyUrl} no certificate is involved.`,
    'To trust it in one runtime (Node, Python, Go, curl) is enough for most tests and leaves the system as it is.',
    '',
    '# Trust it',
    ...places.flatMap((place) => section(place, place.install, options.machine)),
    '',
    `# Stop trusting "${certificate.name}"`,
    ...places.flatMap((place) => section(place, place.remove, options.machine)),
    '',
    '# Verify, with the proxy running',
    ...verification(options),
    '',
  ].join('\n');
}

/** Steps that take the certificate out again, this machine's first. */
export function removalText(options: TrustOptions): string {
  return [
    ...heading(options),
    '',
    '# Stop trusting it: undo what you did',
    ...ordered(options).flatMap((place) => section(place, place.remove, options.machine)),
    '',
  ].join('\n');
}

function heading({ certificate, certificatePath }: TrustOptions): string[] {
  const limits = certificate.permitted
    ? `can vouch for ${certificate.permitted.join(', ') || 'no host'} and nothing else`
    : 'none: whoever holds its key can vouch for every host';
  return [
    `The certificate "${certificate.name}"`,
    `  file     ${certificatePath}`,
    `  SHA-256  ${certificate.sha256}`,
    `  valid    until ${day(certificate.notAfter.getTime())}`,
    `  limits   ${limits}`,
  ];
}

function ordered(options: TrustOptions): TrustPlace[] {
  const places = trustPlaces(options);
  const mine = places.filter(({ id }) => id === options.machine);
  return [...mine, ...places.filter(({ id }) => id !== options.machine)];
}

function section(place: TrustPlace, lines: readonly string[], machine: Machine | undefined): string[] {
  const mark = place.id === machine ? ' (this machine)' : '';
  return ['', `## ${place.title}${mark}`, ...lines.map((line) => `  ${line}`)];
}

/** No `-k`: that would hide the very thing to see. */
function verification({ certificatePath, machine, proxyUrl, targets }: TrustOptions): string[] {
  const target = targets.find((host) => !host.startsWith('*.')) ?? targets[0]!.replace(/^\*\./, 'www.');
  const windows = machine === 'windows';
  const quote = (text: string): string => (windows ? `"${text}"` : quotePosix(text));
  // Schannel wants a revocation list, which a private CA does not have.
  const program = windows ? 'curl.exe --ssl-no-revoke' : 'curl';
  const call = `${program} -sS -o ${windows ? 'NUL' : '/dev/null'} -w "HTTP %{http_code}\\n" -x ${proxyUrl}`;
  const url = `https://${bracketed(target)}/`;
  return [
    `  ${call} ${url}`,
    'A status, even an injected error, means that curl trusts it; "curl: (60)" means not yet.',
    'Trusted in one runtime only? Then name the file:',
    `  ${call} --cacert ${quote(certificatePath)} ${url}`,
  ];
}

function bracketed(target: string): string {
  return /^[^[\]]*:[^[\]]*:/.test(target) ? `[${target}]` : target;
}
