/** What the tests of `ca/` share: temporary directories, and real TLS handshakes with a context. */
import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer, isIP } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type ConnectionOptions,
  checkServerIdentity,
  connect,
  type SecureContext,
  TLSSocket,
} from 'node:tls';
import { onTestFinished } from 'vitest';
import { commonName, publicKeyInfo, signCertificate } from '../../src/ca/certificate.ts';
import { KEY_USAGE } from '../../src/ca/extension-ids.ts';
import * as extensions from '../../src/ca/extensions.ts';
import { parseHostName, parseTarget } from '../../src/ca/host-name.ts';
import { type Issuer, issuerOf } from '../../src/ca/issuer.ts';
import { keyIdentifier } from '../../src/ca/key-identifier.ts';
import { issueLeaf, leafKey } from '../../src/ca/leaf.ts';
import { constraintsFor } from '../../src/ca/name-constraints.ts';
import { writePem } from '../../src/ca/pem.ts';
import { readStore, storePaths } from '../../src/ca/store.ts';

/** A directory, and what removes it. */
export async function makeDirectory(): Promise<{ path: string; remove: () => Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'aep-ca-'));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

/** A directory that is gone when the test is. */
export async function temporaryDirectory(): Promise<string> {
  const { path, remove } = await makeDirectory();
  onTestFinished(remove);
  return path;
}

export interface Served {
  readonly port: number;
  /** One per finished handshake, in order. */
  readonly handshakes: { readonly protocol: string | null; readonly reused: boolean }[];
}

/** A TLS server that greets every client with one context, as the engine does; closed when the test is over. */
export async function serve(context: () => SecureContext): Promise<Served> {
  const handshakes: Served['handshakes'] = [];
  const open = new Set<TLSSocket>();
  const server = createServer((raw) => {
    const socket = new TLSSocket(raw, { isServer: true, secureContext: context() });
    open.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => open.delete(socket));
    socket.once('secure', () =>
      handshakes.push({ protocol: socket.getProtocol(), reused: socket.isSessionReused() }),
    );
    socket.once('data', () =>
      socket.end('HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok'),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    for (const socket of open) socket.destroy();
    server.close();
    await once(server, 'close');
  });
  return { port: (server.address() as AddressInfo).port, handshakes };
}

export interface HandshakeResult {
  /** `ok`, or the client's error code. */
  readonly outcome: string;
  readonly message: string;
  readonly protocol: string | null;
  readonly reused: boolean;
  readonly session: Buffer | undefined;
}

/** One client that trusts `ca` alone and expects `host`; reads the answer so that TLS 1.3 tickets have arrived. */
export async function handshake(
  port: number,
  host: string,
  ca: string,
  options: ConnectionOptions = {},
): Promise<HandshakeResult> {
  const socket = connect({
    port,
    host: '127.0.0.1',
    ca,
    // An address is no server name, and the one dialled is not the one asked for.
    ...(isIP(host) ? {} : { servername: host }),
    checkServerIdentity: (_dialled, certificate) => checkServerIdentity(host, certificate),
    ...options,
  });
  let session: Buffer | undefined;
  socket.on('session', (ticket) => {
    session = ticket;
  });
  try {
    await once(socket, 'secureConnect');
    const seen = { protocol: socket.getProtocol(), reused: socket.isSessionReused() };
    socket.write('GET / HTTP/1.1\r\n\r\n');
    socket.resume();
    await once(socket, 'end');
    return { outcome: 'ok', message: '', ...seen, session };
  } catch (error) {
    const { code = 'no code', message } = error as NodeJS.ErrnoException;
    return { outcome: code, message, protocol: null, reused: false, session };
  } finally {
    socket.destroy();
  }
}

/** PEM of a leaf by the CA in a state directory, constraints or not: what somebody with its key could make. */
export async function leafFor(stateDir: string, host: string): Promise<string> {
  const stored = await readStore(storePaths(stateDir));
  const issuer = issuerOf(stored!.issuer, stored!.key, stored!.chainPem);
  const key = leafKey(generateKeyPairSync('ec', { namedCurve: 'P-256' }));
  return writePem('CERTIFICATE', issueLeaf(issuer, key, parseHostName(host)!, Date.now()).der);
}

const HOUR = 3_600_000;

/** DER of an end entity with whatever name extension. */
export function certifyNames(issuer: Issuer, names: Buffer): Buffer {
  const key = publicKeyInfo(generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey);
  return signCertificate(
    {
      subject: commonName('Other Leaf'),
      issuer: issuer.subject,
      notBefore: Date.now() - HOUR,
      notAfter: Date.now() + HOUR,
      publicKey: key,
      extensions: [
        extensions.basicConstraints(undefined),
        extensions.serverAuth(),
        extensions.subjectKeyIdentifier(keyIdentifier(key)),
        extensions.authorityKeyIdentifier(issuer.keyIdentifier),
        names,
      ],
    },
    issuer.key,
  );
}

/** Leaves a CA as earlier versions made it: an intermediate with constraints, and no empty directory name among them. */
export async function writeOutdatedCa(stateDir: string, targets: readonly string[]): Promise<void> {
  const limits = extensions.nameConstraints(constraintsFor(targets.map(parseTarget)));
  const pairs = [0, 1].map(() => generateKeyPairSync('ec', { namedCurve: 'P-256' }));
  const [root, issuer] = pairs.map(({ privateKey, publicKey }, i) => {
    const info = publicKeyInfo(publicKey);
    const name = commonName(`anthropic-error-plugin ${i ? 'issuer' : 'root'} 0`);
    return { privateKey, info, name, id: keyIdentifier(info) };
  });
  const certify = (subject: typeof root, pathLength: number): string =>
    writePem(
      'CERTIFICATE',
      signCertificate(
        {
          subject: subject!.name,
          issuer: root!.name,
          notBefore: Date.now() - HOUR,
          notAfter: Date.now() + 365 * 24 * HOUR,
          publicKey: subject!.info,
          extensions: [
            extensions.basicConstraints(pathLength),
            extensions.keyUsage(KEY_USAGE.keyCertSign),
            limits,
            extensions.subjectKeyIdentifier(subject!.id),
            extensions.authorityKeyIdentifier(root!.id),
          ],
        },
        root!.privateKey,
      ),
    );
  const key = issuer!.privateKey.export({ type: 'pkcs8', format: 'pem' });
  const { key: keyFile, certificate } = storePaths(stateDir);
  await writeFile(keyFile, `${key}${certify(issuer, 0)}${certify(root, 1)}`, { mode: 0o600 });
  await writeFile(certificate, certify(root, 1));
}

/** A CA signed by another, ready to sign leaves. */
export function makeSubordinate(above: Issuer, now: number): Issuer {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const key = publicKeyInfo(publicKey);
  const der = signCertificate(
    {
      subject: commonName('Subordinate CA'),
      issuer: above.subject,
      notBefore: now - HOUR,
      notAfter: now + HOUR,
      publicKey: key,
      extensions: [
        extensions.basicConstraints(0),
        extensions.keyUsage(KEY_USAGE.keyCertSign),
        extensions.subjectKeyIdentifier(keyIdentifier(key)),
        extensions.authorityKeyIdentifier(above.keyIdentifier),
      ],
    },
    above.key,
  );
  return issuerOf(new X509Certificate(der), privateKey, writePem('CERTIFICATE', der) + above.chainPem);
}
