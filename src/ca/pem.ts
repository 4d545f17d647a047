/** PEM armour (RFC 7468): finds blocks in a text and writes them. Headers inside a block (old encrypted keys) are kept in `text`. */

export interface PemBlock {
  /** E.g. `CERTIFICATE`, `EC PRIVATE KEY`. */
  readonly label: string;
  /** The block as it stood, both markers included, with a newline at its end. */
  readonly text: string;
  readonly der: Buffer;
}

const BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----\r?\n([\s\S]*?)-----END \1-----/g;

/** All blocks of a text, in order. Text around them is ignored, as every reader of PEM does. */
export function readPem(text: string): PemBlock[] {
  return Array.from(text.matchAll(BLOCK), ([whole, label, body]) => ({
    label: label!,
    text: `${whole.replaceAll('\r\n', '\n')}\n`,
    der: Buffer.from(body!.replace(/^[^\s:]+:.*$/gm, ''), 'base64'),
  }));
}

/** The certificates of a text, in order. */
export function readPemCertificates(text: string): PemBlock[] {
  return readPem(text).filter((block) => block.label === 'CERTIFICATE' || block.label === 'X509 CERTIFICATE');
}

export function writePem(label: string, der: Uint8Array): string {
  const lines = Buffer.from(der).toString('base64').replace(/.{64}/g, '$&\n').trimEnd();
  return `-----BEGIN ${label}-----\n${lines}\n-----END ${label}-----\n`;
}
