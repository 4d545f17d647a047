/** Puts into words what OpenSSL and Node say where TLS with an upstream, or with a client, fails. */
import { Problem } from '../../core/problem.ts';

interface TlsError extends Error {
  readonly code?: string;
  readonly reason?: string;
}

/** What OpenSSL says of an answer in another protocol. */
const NO_TLS = /^(wrong version number|packet length too long|http request|unknown protocol)$/;

/** Codes of certificates that were not accepted: OpenSSL's names, and Node's own for a wrong name. */
const CERTIFICATE = /CERT|ISSUER|SIGNATURE|CRL|HOSTNAME|PATH_LENGTH|^INVALID_/;

/** OpenSSL's word for it, such as `wrong version number`; undefined for errors that are not OpenSSL's. */
function opensslReason({ code, reason, message }: TlsError): string | undefined {
  if (reason !== undefined && code?.startsWith('ERR_SSL_')) return reason;
  return /:SSL routines:[^:]*:([^:]+)/.exec(message)?.[1];
}

/** An error in one line, without the places in OpenSSL's source that its texts hold. */
export function tlsWords(error: TlsError): string {
  const { code = '' } = error;
  const said = opensslReason(error) ?? error.message.replace(/\s+/g, ' ').trim().replace(/\.$/, '');
  return code === '' || said.includes(code) ? said || code : `${said} (${code})`;
}

/** @param where the upstream. @returns undefined where it was not TLS that failed */
export function tlsProblem(where: string, error: TlsError): Problem | undefined {
  const { code = '' } = error;
  const reason = opensslReason(error);
  const make = (text: string): Problem => new Problem('upstream-tls', text, { cause: error });
  if (reason === undefined)
    return CERTIFICATE.test(code)
      ? make(`the certificate of ${where} was not accepted: ${tlsWords(error)}`)
      : undefined;
  if (NO_TLS.test(reason)) return make(`${where} does not speak TLS (${reason})`);
  if (reason.endsWith('certificate required'))
    return make(`${where} wants a client certificate, and this proxy has none to show (${reason})`);
  return make(`TLS with ${where} failed: ${tlsWords(error)}`);
}
