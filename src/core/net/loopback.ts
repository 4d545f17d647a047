/** Addresses that lead nowhere but to this machine. */

/** True for an address, or the name `localhost`, that only programs on this machine can reach. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\./.test(host);
}
