/** The user's own CA from `--ca-cert` and `--ca-key`: read, checked, and every way it can be unfit told with its cure. */
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { Problem } from '../core/problem.ts';
import { canSign } from './certificate.ts';
import { readCertificate } from './certificate-reader.ts';
import { KEY_USAGE } from './extension-ids.ts';
import { fileProblem } from './files.ts';
import { type Issuer, issuerOf } from './issuer.ts';
import { readPem, readPemCertificates } from './pem.ts';
import { day, validity } from './validity.ts';

export interface UserCa {
  readonly issuer: Issuer;
  /** The topmost certificate of the chain in the file: what clients have to trust. */
  readonly certificatePem: string;
  readonly certificatePath: string;
}

interface Certificate {
  readonly x509: X509Certificate;
  readonly pem: string;
}

const MIN_RSA_BITS = 2048;

/**
 * @param certPath PEM: the CA's certificate, with its chain in any order if it is not a root
 * @param keyPath PEM: PKCS#1, SEC1 or PKCS#8, RSA or EC, not encrypted
 * @param now milliseconds since the Unix epoch
 */
export async function loadUserCa(
  certPath: string | undefined,
  keyPath: string | undefined,
  now: number,
): Promise<UserCa> {
  if (certPath === undefined || keyPath === undefined) {
    const [given, missing] = certPath === undefined ? ['--ca-key', '--ca-cert'] : ['--ca-cert', '--ca-key'];
    throw unfit(`${given} was given without ${missing}; give both, or neither to use the built-in CA.`);
  }
  const certificates = parseCertificates(await read(certPath, 'the CA certificate', '--ca-cert'), certPath);
  const key = parseKey(await read(keyPath, 'the CA key', '--ca-key'), keyPath);
  const ca = certificates.find(({ x509 }) => x509.checkPrivateKey(key));
  if (!ca) {
    throw unfit(
      `The key in ${keyPath} does not belong to the certificate in ${certPath}; give the pair that was made together.`,
    );
  }
  checkCa(ca.x509, certPath, now);
  const chain = chainFrom(ca, certificates);
  const served = chain.filter(({ x509 }) => !isSelfIssued(x509));
  return {
    issuer: issuerOf(ca.x509, key, served.map(({ pem }) => pem).join('')),
    certificatePem: chain.at(-1)!.pem,
    certificatePath: certPath,
  };
}

function unfit(message: string): Problem {
  return new Problem('bad-ca', message);
}

async function read(path: string, what: string, flag: string): Promise<string> {
  try {
    // latin1 keeps a binary file readable enough to see that it is one.
    return await readFile(path, 'latin1');
  } catch (error) {
    throw fileProblem(error, `read ${what}`, path, `correct ${flag}`);
  }
}

function parseCertificates(text: string, path: string): Certificate[] {
  const blocks = readPemCertificates(text);
  if (blocks.length === 0) {
    throw unfit(
      `${path} holds no PEM certificate; convert it with: openssl x509 -inform der -in ${path} -out ca.pem (a .p12 or .pfx with openssl pkcs12).`,
    );
  }
  return blocks.map((block) => {
    try {
      return { x509: new X509Certificate(block.der), pem: block.text };
    } catch (error) {
      throw new Problem('bad-ca', `${path} holds a certificate that cannot be read; export it again.`, {
        cause: error,
      });
    }
  });
}

function parseKey(text: string, path: string): KeyObject {
  const block = readPem(text).find(({ label }) => label.endsWith('PRIVATE KEY'));
  if (!block) {
    throw unfit(
      `${path} holds no PEM private key; convert it with: openssl pkey -inform der -in ${path} -out ca-key.pem.`,
    );
  }
  if (block.label.startsWith('ENCRYPTED') || block.text.includes('Proc-Type: 4,ENCRYPTED')) {
    throw unfit(
      `The key in ${path} is encrypted; decrypt it with: openssl pkey -in ${path} -out ca-key.pem.`,
    );
  }
  let key: KeyObject;
  try {
    key = createPrivateKey(block.text);
  } catch (error) {
    throw new Problem('bad-ca', `${path} holds a private key that cannot be read; export it again as PEM.`, {
      cause: error,
    });
  }
  if (!canSign(key)) {
    throw unfit(
      `The key in ${path} is neither RSA nor EC on P-256, P-384 or P-521; make the CA with one of those.`,
    );
  }
  const bits = key.asymmetricKeyDetails?.modulusLength;
  if (bits !== undefined && bits < MIN_RSA_BITS) {
    throw unfit(
      `The RSA key in ${path} has ${bits} bits, which clients refuse; make the CA with at least ${MIN_RSA_BITS}.`,
    );
  }
  return key;
}

function checkCa(certificate: X509Certificate, path: string, now: number): void {
  const { keyUsage } = readCertificate(certificate.raw);
  if (!certificate.ca || keyUsage?.(KEY_USAGE.keyCertSign) === false) {
    throw unfit(
      `The certificate in ${path} is not a CA and cannot sign others; make one with "CA:TRUE" and key usage "Certificate Sign".`,
    );
  }
  const { notBefore, notAfter } = validity(certificate);
  if (now >= notAfter) {
    throw unfit(`The CA certificate in ${path} expired on ${day(notAfter)}; give one that is valid.`);
  }
  if (now < notBefore) {
    throw unfit(
      `The CA certificate in ${path} is valid only from ${day(notBefore)}; wait, correct this machine's clock, or give another.`,
    );
  }
}

/** From the CA upwards, as far as the file goes. */
function chainFrom(ca: Certificate, all: readonly Certificate[]): Certificate[] {
  const chain = [ca];
  for (let last = ca; !isSelfIssued(last.x509); ) {
    const next = all.find((other) => !chain.includes(other) && last.x509.checkIssued(other.x509));
    if (!next) break;
    chain.push(next);
    last = next;
  }
  return chain;
}

function isSelfIssued(certificate: X509Certificate): boolean {
  return certificate.issuer === certificate.subject;
}
