/** `ca show|export|path|rotate|untrust`, and the flags --export-ca and --install-ca. */
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { openAuthority, rotateAuthority } from '../../ca/authority.ts';
import { type CertificateDescription, describeAuthority, describeCertificate } from '../../ca/describe.ts';
import { exportCertificate } from '../../ca/export-certificate.ts';
import { outdatedCa } from '../../ca/outdated-ca.ts';
import { systemRoots } from '../../ca/system-roots.ts';
import { detectMachine, installText, removalText, type TrustOptions } from '../../ca/trust.ts';
import type { Settings } from '../../config/settings.ts';
import { authorityOptions, stateDirOf } from '../certificate-authority.ts';
import { PROGRAM } from '../command-table.ts';
import { EXIT } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import type { CommandLine } from '../program.ts';
import { settingsOf } from '../settings-of.ts';

/** @returns the exit code */
export async function ca(line: CommandLine, io: Io): Promise<number> {
  const settings = await settingsOf(line.flags, io);
  switch (line.command) {
    case 'ca show':
      return showCa(settings, io);
    case 'ca export':
      return exportCa(settings, line.argument!, io);
    case 'ca path':
      io.stdout.write(`${await certificatePath(settings, io)}\n`);
      return EXIT.ok;
    case 'ca rotate':
      return rotateCa(settings, io);
    case 'ca untrust':
      return untrust(settings, io);
    default:
      throw new Error(`no command ${line.command}`);
  }
}

/** Writes the certificate to a file; makes the CA first where there is none. */
export async function exportCa(settings: Settings, file: string, io: Io): Promise<number> {
  const authority = await openAuthority(authorityOptions(settings, io));
  const path = resolve(io.cwd, file);
  await exportCertificate(authority.certificatePem, path);
  io.stdout.write(`wrote the CA certificate to ${path}\n`);
  return EXIT.ok;
}

/** Prints the steps to trust the CA, this machine's first. */
export async function installCa(settings: Settings, io: Io): Promise<number> {
  const authority = await openAuthority(authorityOptions(settings, io));
  const { certificatePath, certificatePem } = authority;
  io.stdout.write(
    installText(
      await trustOptions(settings, io, { ...describeCertificate(certificatePem), certificatePath }),
    ),
  );
  return EXIT.ok;
}

/** Removal needs no CA that could still sign: an expired one, or one for other targets, is removed alike. */
async function untrust(settings: Settings, io: Io): Promise<number> {
  const known = await knownCa(settings, io);
  io.stdout.write(
    known === undefined ? noCa(settings, io) : removalText(await trustOptions(settings, io, known)),
  );
  return EXIT.ok;
}

async function certificatePath(settings: Settings, io: Io): Promise<string> {
  const known = await knownCa(settings, io);
  // Whoever asks is about to trust it.
  if (known?.outdated) throw outdatedCa(stateDirOf(settings, io), settings.targets);
  return (known ?? (await openAuthority(authorityOptions(settings, io)))).certificatePath;
}

interface KnownCa extends CertificateDescription {
  readonly certificatePath: string;
  readonly keyPath: string;
  readonly outdated: boolean;
}

/** The user's CA, or ours; undefined when none was made yet. Makes none. */
async function knownCa(settings: Settings, io: Io): Promise<KnownCa | undefined> {
  if (settings.caCert === undefined) return describeAuthority({ stateDir: stateDirOf(settings, io) });
  const authority = await openAuthority(authorityOptions(settings, io));
  return {
    ...describeCertificate(authority.certificatePem),
    certificatePath: authority.certificatePath,
    keyPath: settings.caKey ?? '',
    outdated: false,
  };
}

function noCa(settings: Settings, io: Io): string {
  return `There is no CA in ${stateDirOf(settings, io)} yet: the first start of ${PROGRAM} --standalone makes one, and so does --export-ca FILE.\n`;
}

async function showCa(settings: Settings, io: Io): Promise<number> {
  const known = await knownCa(settings, io);
  if (known === undefined) {
    io.stdout.write(noCa(settings, io));
    return EXIT.ok;
  }
  const rows: (readonly [string, string])[] = [
    ['name', known.name],
    ['file', known.certificatePath],
    ['key', `${known.keyPath} (keep it to yourself)`],
    ['valid', `${day(known.notBefore)} to ${day(known.notAfter)}`],
    [
      'signs for',
      known.permitted?.join(', ') ?? 'every host: whoever holds the key can vouch for any of them',
    ],
    ...(known.outdated
      ? [['outdated', outdatedCa(stateDirOf(settings, io), settings.targets).message] as const]
      : []),
    ['SHA-256', known.sha256],
    ['SHA-1', known.sha1],
    ['serial', known.serial],
  ];
  io.stdout.write(rows.map(([name, text]) => `${name.padEnd(10)} ${text}\n`).join(''));
  return EXIT.ok;
}

async function rotateCa(settings: Settings, io: Io): Promise<number> {
  const authority = await rotateAuthority({ stateDir: stateDirOf(settings, io), targets: settings.targets });
  const { name, sha256 } = describeCertificate(authority.certificatePem);
  io.stdout.write(
    [
      `There is a new CA for ${settings.targets.join(', ')}: "${name}"`,
      `  file     ${authority.certificatePath}`,
      `  SHA-256  ${sha256}`,
      `Proxies that run already keep the old one until they are started again. Stop trusting the old certificate wherever you trusted it, and trust the new one: ${PROGRAM} --install-ca says how.`,
      '',
    ].join('\n'),
  );
  return EXIT.ok;
}

async function trustOptions(
  settings: Settings,
  io: Io,
  known: CertificateDescription & { readonly certificatePath: string },
): Promise<TrustOptions> {
  const release = '/etc/os-release';
  return {
    certificatePath: known.certificatePath,
    certificate: known,
    systemRootsPath: (await systemRoots({ platform: io.platform })).path,
    machine: detectMachine(io.platform, existsSync(release) ? readFileSync(release, 'utf8') : ''),
    proxyUrl: `http://${settings.host.includes(':') ? `[${settings.host}]` : settings.host}:${settings.proxyPort}`,
    targets: settings.targets,
  };
}

function day(date: Date): string {
  return date.toISOString().slice(0, 10);
}
