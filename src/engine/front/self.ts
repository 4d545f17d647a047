/** Tells our own listener under any of its names and addresses, so that we never dial ourselves. */
import { networkInterfaces } from 'node:os';
import type { Authority } from '../transport/transport.ts';

/** Knows where we listen. Filled by the listener once its port is known. */
export class Self {
  #port = 0;
  #anyAddress = false;
  readonly #hosts = new Set<string>();

  /** @param hosts addresses that we are bound to */
  listensOn(port: number, hosts: readonly string[]): void {
    this.#port = port;
    for (const host of hosts) {
      this.#hosts.add(plain(host));
      if (host === '0.0.0.0' || host === '::') this.#anyAddress = true;
    }
  }

  /** True once there is a listener. */
  get listens(): boolean {
    return this.#port !== 0;
  }

  /** True if other machines can reach us. */
  get reachable(): boolean {
    return [...this.#hosts].some((host) => !isLoopback(host) && host !== 'localhost');
  }

  /** True if a name or an address, with its port, is ours. Names are compared, not looked up. */
  is({ host, port }: Authority): boolean {
    return this.#port !== 0 && port === this.#port && this.knows(host);
  }

  /** The same, whatever the port. */
  knows(host: string): boolean {
    const name = plain(host);
    if (this.#hosts.has(name) || name === 'localhost' || name.endsWith('.localhost')) return true;
    if (isLoopback(name) || name === '0.0.0.0' || name === '::') return true;
    return this.#anyAddress && localAddresses().has(name);
  }
}

function plain(host: string): string {
  return host
    .toLowerCase()
    .replace(/\.$/, '')
    .replace(/^::ffff:(?=\d+\.)/, '');
}

function isLoopback(address: string): boolean {
  return address === '::1' || /^127\.\d+\.\d+\.\d+$/.test(address);
}

function localAddresses(): Set<string> {
  return new Set(
    Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map((one) => plain(one.address))),
  );
}
