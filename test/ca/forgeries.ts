/** What somebody who has read `fault-ca.key` might try with it, as chains that a server presents. */
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { createSecureContext, type SecureContext } from 'node:tls';
import { commonName, publicKeyInfo, signCertificate } from '../../src/ca/certificate.ts';
import { contextPrimitive, octetString, oid, sequence } from '../../src/ca/der.ts';
import { EXTENSION, KEY_USAGE } from '../../src/ca/extension-ids.ts';
import * as extensions from '../../src/ca/extensions.ts';
import { parseHostName } from '../../src/ca/host-name.ts';
import { type Issuer, issuerOf } from '../../src/ca/issuer.ts';
import { keyIdentifier } from '../../src/ca/key-identifier.ts';
import { GENERAL_NAME } from '../../src/ca/name-constraints.ts';
import { readPemCertificates, writePem } from '../../src/ca/pem.ts';
import type { StoredCa } from '../../src/ca/store.ts';

export interface Forgery {
  readonly title: string;
  /** The host that a client asks for. */
  readonly host: string;
  readonly context: SecureContext;
  /** PEM: leaf, then what is served with it. */
  readonly chainPem: string;
}

const HOUR = 3_600_000;
const NO_NAME = sequence();

interface Draft {
  readonly title: string;
  readonly host: string;
  readonly subject: Buffer;
  /** Entries of the subject alternative name; none: no such extension. */
  readonly names?: readonly Buffer[];
  readonly below?: 'a CA' | 'a CA of the same name';
}

const dns = (name: string): Buffer => contextPrimitive(GENERAL_NAME.dns, Buffer.from(name));
const mail = contextPrimitive(GENERAL_NAME.email, Buffer.from('ceo@example.com'));
const uri = contextPrimitive(GENERAL_NAME.uri, Buffer.from('https://example.com/'));
const ip = (address: string): Buffer => {
  const host = parseHostName(address);
  return contextPrimitive(GENERAL_NAME.ip, host?.kind === 'ip' ? host.bytes : Buffer.alloc(4));
};

/** @param target a name that the CA may sign for */
function drafts(target: string): Draft[] {
  const other = 'a.example.com';
  return [
    { title: 'wildcard common name alone', host: other, subject: commonName('*.example.com') },
    { title: 'common name alone', host: other, subject: commonName(other) },
    { title: 'single label as common name alone', host: 'localhost', subject: commonName('localhost') },
    { title: 'address as common name alone', host: '127.0.0.1', subject: commonName('127.0.0.1') },
    {
      title: 'wildcard common name beside mail',
      host: other,
      subject: commonName('*.example.com'),
      names: [mail],
    },
    {
      title: 'wildcard common name beside a URI',
      host: other,
      subject: commonName('*.example.com'),
      names: [uri],
    },
    {
      title: 'single label beside an address',
      host: 'localhost',
      subject: commonName('localhost'),
      names: [ip('10.0.0.1')],
    },
    { title: 'no name at all', host: other, subject: NO_NAME },
    { title: 'mail alone', host: other, subject: NO_NAME, names: [mail] },
    { title: 'URI alone', host: other, subject: NO_NAME, names: [uri] },
    { title: 'another name', host: other, subject: NO_NAME, names: [dns(other)] },
    { title: 'a wildcard of another name', host: other, subject: NO_NAME, names: [dns('*.example.com')] },
    { title: 'a single label', host: 'localhost', subject: NO_NAME, names: [dns('localhost')] },
    {
      title: 'the name above the target',
      host: target.replace(/^[^.]*\./, ''),
      subject: NO_NAME,
      names: [dns(target.replace(/^[^.]*\./, ''))],
    },
    {
      title: 'a wildcard beside the target',
      host: target.replace(/^[^.]*/, 'x'),
      subject: NO_NAME,
      names: [dns(target.replace(/^[^.]*/, '*'))],
    },
    {
      title: 'another name beside the target',
      host: other,
      subject: NO_NAME,
      names: [dns(target), dns(other)],
    },
    { title: 'an IPv4 address', host: '127.0.0.1', subject: NO_NAME, names: [ip('127.0.0.1')] },
    { title: 'an IPv6 address', host: '::1', subject: NO_NAME, names: [ip('::1')] },
    {
      title: 'an address beside the target',
      host: '127.0.0.1',
      subject: NO_NAME,
      names: [dns(target), ip('127.0.0.1')],
    },
    {
      title: 'the target by a CA below',
      host: target,
      subject: NO_NAME,
      names: [dns(target)],
      below: 'a CA',
    },
    {
      title: 'another name by a CA of the same name below',
      host: other,
      subject: NO_NAME,
      names: [dns(other)],
      below: 'a CA of the same name',
    },
    {
      title: 'wildcard common name by a CA of the same name below',
      host: other,
      subject: commonName('*.example.com'),
      below: 'a CA of the same name',
    },
  ];
}

/** Each leaf with the chain as it is served, and with every other order and choice of its certificates that could matter. */
export function forgeries(stored: StoredCa, target: string): Forgery[] {
  const served = readPemCertificates(stored.chainPem).map((block) => block.text);
  // Without the first: whatever other way there is to the root.
  const chains = [served, [...served].reverse(), served.slice(1)].map((texts) => texts.join(''));
  return drafts(target).flatMap((draft) =>
    chains.map((chainPem, i) => {
      const way = ['served', 'turned round', 'without its first'][i];
      return forge(
        { ...draft, title: `${draft.title}, chain ${way}` },
        issuerOf(stored.issuer, stored.key, chainPem),
      );
    }),
  );
}

function forge(draft: Draft, ours: Issuer): Forgery {
  const issuer = draft.below === undefined ? ours : caBelow(ours, draft.below);
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const names = draft.names && sequence(oid(EXTENSION.subjectAltName), octetString(sequence(...draft.names)));
  const der = certify(issuer, draft.subject, publicKey, [
    extensions.basicConstraints(undefined),
    extensions.keyUsage(KEY_USAGE.digitalSignature),
    ...(names ? [names] : []),
  ]);
  const chainPem = writePem('CERTIFICATE', der) + issuer.chainPem;
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' });
  return {
    title: draft.title,
    host: draft.host,
    context: createSecureContext({ key, cert: chainPem }),
    chainPem,
  };
}

function caBelow(above: Issuer, kind: NonNullable<Draft['below']>): Issuer {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const subject = kind === 'a CA' ? commonName('Below') : above.subject;
  const der = certify(above, subject, publicKey, [
    extensions.basicConstraints(0),
    extensions.keyUsage(KEY_USAGE.keyCertSign),
  ]);
  return {
    ...above,
    key: privateKey,
    subject,
    keyIdentifier: keyIdentifier(publicKeyInfo(publicKey)),
    chainPem: writePem('CERTIFICATE', der) + above.chainPem,
  };
}

function certify(issuer: Issuer, subject: Buffer, publicKey: KeyObject, more: readonly Buffer[]): Buffer {
  const info = publicKeyInfo(publicKey);
  return signCertificate(
    {
      subject,
      issuer: issuer.subject,
      notBefore: Date.now() - HOUR,
      notAfter: Date.now() + HOUR,
      publicKey: info,
      extensions: [
        extensions.serverAuth(),
        extensions.subjectKeyIdentifier(keyIdentifier(info)),
        extensions.authorityKeyIdentifier(issuer.keyIdentifier),
        ...more,
      ],
    },
    issuer.key,
  );
}
