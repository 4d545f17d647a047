/** X.509 v3 extensions (RFC 5280 §4.2), each as the whole Extension element that a certificate lists. */
import {
  boolean,
  contextConstructed,
  contextPrimitive,
  integer,
  namedBits,
  octetString,
  oid,
  sequence,
} from './der.ts';
import { EXTENSION } from './extension-ids.ts';
import type { HostName } from './host-name.ts';
import type { NameConstraints } from './name-constraints.ts';
import { encodeNameConstraints } from './write-name-constraints.ts';

const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';

function extension(id: string, critical: boolean, value: Buffer): Buffer {
  // FALSE is the default, and DER leaves defaults out.
  return sequence(oid(id), ...(critical ? [boolean(true)] : []), octetString(value));
}

/** `pathLength`: how many CAs may follow; undefined for an end entity. */
export function basicConstraints(pathLength: number | undefined): Buffer {
  const value = pathLength === undefined ? sequence() : sequence(boolean(true), integer(pathLength));
  return extension(EXTENSION.basicConstraints, true, value);
}

export function keyUsage(...bits: readonly number[]): Buffer {
  return extension(EXTENSION.keyUsage, true, namedBits(...bits));
}

/** For TLS servers only: on a CA it forbids every other purpose below it. */
export function serverAuth(): Buffer {
  return extension(EXTENSION.extendedKeyUsage, false, sequence(oid(SERVER_AUTH)));
}

export function nameConstraints(constraints: NameConstraints): Buffer {
  return extension(EXTENSION.nameConstraints, true, encodeNameConstraints(constraints));
}

/** The same, and only certificates with an empty subject. Not critical: see `own-ca.ts`. */
export function namelessConstraints(constraints: NameConstraints): Buffer {
  return extension(EXTENSION.nameConstraints, false, encodeNameConstraints(constraints, true));
}

/** Every path from here on needs a policy. Not critical: see `own-ca.ts`. */
export function requiredPolicy(): Buffer {
  return extension(EXTENSION.policyConstraints, false, sequence(contextPrimitive(0, Buffer.from([0]))));
}

export function subjectKeyIdentifier(id: Uint8Array): Buffer {
  return extension(EXTENSION.subjectKeyIdentifier, false, octetString(id));
}

export function authorityKeyIdentifier(id: Uint8Array): Buffer {
  return extension(EXTENSION.authorityKeyIdentifier, false, sequence(contextPrimitive(0, id)));
}

/**
 * One name, typed: clients compare an address with iPAddress entries only.
 *
 * @param critical as it must be where the subject is empty
 */
export function subjectAltName(host: HostName, critical: boolean): Buffer {
  const name =
    host.kind === 'ip'
      ? contextPrimitive(7, host.bytes)
      : contextPrimitive(2, Buffer.from(host.name, 'ascii'));
  return extension(EXTENSION.subjectAltName, critical, sequence(name));
}

/** The certificate's `[3] extensions` field. */
export function extensionList(extensions: readonly Buffer[]): Buffer {
  return contextConstructed(3, sequence(...extensions));
}
