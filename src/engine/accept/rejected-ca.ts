/** Puts a client's refusal of our certificate into words, with the cure for its likely runtime. */
import type { LikelyRuntime } from '../connection/likely-runtime.ts';

const ALERTS =
  /alert (unknown ca|bad certificate|certificate unknown|unsupported certificate|certificate expired)/i;

const CURES: Readonly<Record<LikelyRuntime, string>> = {
  curl: 'set CURL_CA_BUNDLE=<ca file>',
  Go: 'set SSL_CERT_FILE=<ca file>',
  Java: "import the CA into Java's trust store",
  Node: 'set NODE_EXTRA_CA_CERTS=<ca file>',
  'Claude Code': 'set NODE_EXTRA_CA_CERTS=<ca file>',
  Python: 'set SSL_CERT_FILE=<ca file> (for the package requests: REQUESTS_CA_BUNDLE)',
};

const EVERY_CURE =
  'Node and Claude Code: set NODE_EXTRA_CA_CERTS=<ca file>; Python, Go and Ruby: SSL_CERT_FILE=<ca file>; curl: CURL_CA_BUNDLE=<ca file>; Java: import it into the trust store. A program that brings its own roots reads none of these: give it the base URL.';

const HELP =
  '`anthropic-error-plugin ca path` prints the file, `anthropic-error-plugin --install-ca` the steps, and `anthropic-error-plugin run -- COMMAND` sets it by itself.';

/**
 * @param error what the handshake failed with
 * @returns a sentence with the cure, or undefined if the failure was something else
 */
export function rejectedCa(error: Error, runtime: LikelyRuntime | undefined): string | undefined {
  const alert = ALERTS.exec(error.message)?.[1];
  if (alert === undefined) return undefined;
  return `a client does not trust this proxy's CA (it sent the TLS alert "${alert.toLowerCase()}"). ${cure(runtime)}`;
}

/** The same for a client that just closed. @param when `right after the TLS handshake` or `in the TLS handshake` */
export function silentRejection(when: string, runtime: LikelyRuntime | undefined): string {
  return `a client closed its connection ${when}: most likely it does not trust this proxy's CA. ${cure(runtime)}`;
}

function cure(runtime: LikelyRuntime | undefined): string {
  return runtime === undefined
    ? `${EVERY_CURE} ${HELP}`
    : `By the look of it, it is ${runtime}: ${CURES[runtime]}. ${HELP}`;
}
