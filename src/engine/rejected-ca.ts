/** Puts a client's refusal of our certificate into words, with the cure for its likely runtime. */

const ALERTS =
  /alert (unknown ca|bad certificate|certificate unknown|unsupported certificate|certificate expired)/i;

const CURE =
  'Node: NODE_EXTRA_CA_CERTS=<ca file>; Python: SSL_CERT_FILE=<bundle>; curl: --cacert <ca file>; Go and Ruby: SSL_CERT_FILE=<bundle>; Java: import it into the trust store. `anthropic-error-plugin --install-ca` prints the steps, `anthropic-error-plugin ca path` the file.';

/**
 * @param error what the handshake failed with
 * @returns a sentence with the cure, or undefined if the failure was something else
 */
export function rejectedCa(error: Error): string | undefined {
  const alert = ALERTS.exec(error.message)?.[1];
  if (alert === undefined) return undefined;
  return `a client does not trust this proxy's CA (it sent the TLS alert "${alert.toLowerCase()}"). ${CURE}`;
}

/** The same for a client that just closed. @param when `right after the TLS handshake` or `in the TLS handshake` */
export function silentRejection(when: string): string {
  return `a client closed its connection ${when}: most likely it does not trust this proxy's CA. ${CURE}`;
}
