/**
 * A raw TCP tap between client and proxy: passes every byte and every ending on as it came, and
 * remembers what the proxy did on the wire. TLS is seen from outside, as whole records; nothing is decrypted.
 */
import net from 'node:net';
import { atEnd } from './proxy.ts';

/** Content types of TLS records (RFC 8446, 5.1). */
const ALERT = 21;
const APPLICATION_DATA = 23;

/** An encrypted alert is 2 bytes, a content type byte and a tag of 16: this long without its header in TLS 1.3. */
const SEALED_ALERT_1_3 = 19;

export interface TlsRecord {
  readonly type: number;
  /** Length of the fragment, its 5-byte header not counted. */
  readonly length: number;
}

/** What the proxy did on one connection. */
export interface Tapped {
  /** Every byte from the proxy. */
  received(): Buffer;
  /** Complete TLS records from the proxy, in order; none without TLS. */
  records(): readonly TlsRecord[];
  /** How the proxy ended its side: told by read errno, 0 for FIN and ECONNRESET for RST. */
  readonly ended: Promise<'FIN' | 'RST'>;
  /** The same, so far. */
  endedSoFar(): 'FIN' | 'RST' | undefined;
  /**
   * How the whole connection went away: `closed` once both sides have said FIN, `RST` when the proxy refused what
   * came after its own FIN. This tells a half-close, behind which the proxy still reads, from a close.
   */
  readonly gone: Promise<'closed' | 'RST'>;
}

export interface Tap {
  readonly port: number;
  readonly connections: readonly Tapped[];
  /** The first connection, once there is one. */
  first(): Promise<Tapped>;
  /** Sends the proxy a FIN on every connection, as clients do that give up. */
  leave(): void;
}

/** Listens on a free port in front of the proxy's. */
export async function openTap(proxyPort: number): Promise<Tap> {
  const connections: Tapped[] = [];
  const toProxy: net.Socket[] = [];
  const sockets = new Set<net.Socket>();
  let arrived: (tapped: Tapped) => void = () => {};
  const first = new Promise<Tapped>((resolve) => {
    arrived = resolve;
  });
  const server = net.createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    const proxy = net.connect({ host: '127.0.0.1', port: proxyPort, allowHalfOpen: true, noDelay: true });
    for (const socket of [client, proxy]) {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
    }
    pass(client, proxy);
    const tapped = listenTo(proxy);
    pass(proxy, client);
    connections.push(tapped);
    toProxy.push(proxy);
    arrived(tapped);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  atEnd(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return {
    port: (server.address() as net.AddressInfo).port,
    connections,
    first: () => first,
    leave: () => {
      for (const socket of toProxy) socket.end();
    },
  };
}

/** True when the last record before the end is a close_notify, which in both versions is a sealed alert. */
export function endsWithCloseNotify(
  tapped: Pick<Tapped, 'records'>,
  version: 'TLSv1.2' | 'TLSv1.3',
): boolean {
  const last = tapped.records().at(-1);
  if (last === undefined) return false;
  return version === 'TLSv1.2'
    ? last.type === ALERT
    : last.type === APPLICATION_DATA && last.length === SEALED_ALERT_1_3;
}

/** Passes on what one side does: bytes, FIN as FIN, RST as RST. */
function pass(from: net.Socket, to: net.Socket): void {
  from.on('data', (chunk: Buffer) => {
    if (!to.destroyed) to.write(chunk);
  });
  from.on('end', () => to.end());
  from.on('error', () => to.resetAndDestroy());
}

function listenTo(proxy: net.Socket): Tapped {
  const chunks: Buffer[] = [];
  let soFar: 'FIN' | 'RST' | undefined;
  let goneBy = (_how: 'closed' | 'RST'): void => {};
  const gone = new Promise<'closed' | 'RST'>((resolve) => {
    goneBy = resolve;
  });
  proxy.on('close', (failed: boolean) => goneBy(failed ? 'RST' : 'closed'));
  const ended = new Promise<'FIN' | 'RST'>((resolve) => {
    const over = (how: 'FIN' | 'RST'): void => {
      soFar ??= how;
      resolve(soFar);
    };
    proxy.on('data', (chunk: Buffer) => chunks.push(chunk));
    proxy.on('end', () => over('FIN'));
    proxy.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNRESET') over('RST');
    });
  });
  const received = (): Buffer => Buffer.concat(chunks);
  return { received, records: () => readRecords(received()), ended, endedSoFar: () => soFar, gone };
}

/** @param bytes what came from the proxy; in a tunnel, its answer to CONNECT stands in front */
export function readRecords(bytes: Buffer): TlsRecord[] {
  const records: TlsRecord[] = [];
  let at = bytes.subarray(0, 5).toString('latin1') === 'HTTP/' ? bytes.indexOf('\r\n\r\n') + 4 : 0;
  while (at + 5 <= bytes.length) {
    const type = bytes[at] as number;
    const length = bytes.readUInt16BE(at + 3);
    if (type < 20 || type > 23 || bytes[at + 1] !== 3) return []; // no TLS
    if (at + 5 + length > bytes.length) break;
    records.push({ type, length });
    at += 5 + length;
  }
  return records;
}
