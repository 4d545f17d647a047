/** One connection of the stand-in load generator. */
import { connect, type Socket } from 'node:net';
import { type SecureContext, connect as tlsConnect } from 'node:tls';
import type { LoadOptions } from './load-options.ts';
import { MessageReader } from './message-reader.ts';
import type { Tally } from './tally.ts';

const block = Buffer.alloc(256 * 1024, 'x');
export const nowNs = (): number => Number(process.hrtime.bigint());

function event(socket: Socket, name: 'connect' | 'secureConnect'): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once(name, resolve);
    socket.once('error', reject);
    socket.once('close', () => reject(new Error('closed while it was opened')));
  });
}

export class Client {
  readonly #options: LoadOptions;
  readonly #context: SecureContext | undefined;
  readonly #request: Buffer;
  readonly #tally: Tally;
  #socket: Socket | undefined;
  #session: Buffer | undefined;
  #message = new MessageReader();
  #stampText = '';
  #settle: { resolve(): void; reject(reason: Error): void } | undefined;
  #began = 0;
  #answered = false;

  constructor(options: LoadOptions, context: SecureContext | undefined, request: Buffer, tally: Tally) {
    this.#options = options;
    this.#context = context;
    this.#request = request;
    this.#tally = tally;
  }

  get open(): boolean {
    return this.#socket !== undefined && !this.#socket.destroyed;
  }

  /** Carries on from a TCP connection that is already there. */
  async adopt(tcp: Socket): Promise<void> {
    this.#began = nowNs();
    await this.#secure(tcp);
  }

  async #connect(): Promise<void> {
    this.#began = nowNs();
    this.#tally.opened++;
    const tcp = connect({ host: '127.0.0.1', port: this.#options.port, noDelay: true });
    await event(tcp, 'connect');
    await this.#secure(tcp);
  }

  async #secure(tcp: Socket): Promise<void> {
    const { form, target } = this.#options;
    if (form === 'connect') {
      tcp.write(`CONNECT ${target} HTTP/1.1\r\nhost: ${target}\r\n\r\n`);
      const answer = await new Promise<string>((resolve, reject) => {
        tcp.once('data', (chunk: Buffer) => resolve(chunk.toString('latin1')));
        tcp.once('close', () => reject(new Error('closed instead of answering CONNECT')));
      });
      if (!answer.startsWith('HTTP/1.1 200')) throw new Error('CONNECT was refused');
    }
    let socket = tcp;
    if (this.#context !== undefined) {
      const session = this.#options.resume ? this.#session : undefined;
      if (session !== undefined) this.#tally.offered++;
      this.#session = undefined;
      const tls = tlsConnect({
        socket: tcp,
        servername: 'localhost',
        secureContext: this.#context,
        ALPNProtocols: ['http/1.1'],
        ...(session === undefined ? {} : { session }),
      });
      tls.on('session', (ticket: Buffer) => {
        this.#session = ticket;
      });
      await event(tls, 'secureConnect');
      if (tls.isSessionReused()) this.#tally.resumed++;
      socket = tls;
    }
    socket.removeAllListeners('close').removeAllListeners('error');
    socket.on('data', (chunk: Buffer) => this.#read(chunk));
    socket.on('error', (error) => this.#fail(error));
    socket.on('close', () => this.#fail(new Error('broke off before the answer was complete')));
    this.#socket = socket;
  }

  #fail(error: Error): void {
    this.#socket?.destroy();
    this.#socket = undefined;
    this.#settle?.reject(error);
    this.#settle = undefined;
  }

  #read(chunk: Buffer): void {
    if (!this.#answered) this.#tally.firstByte.push(nowNs() - this.#began);
    this.#answered = true;
    this.#tally.bytesDown += chunk.length;
    const sink = this.#options.mode?.startsWith('sse') ? (bytes: Buffer) => this.#stamps(bytes) : undefined;
    if (!this.#message.push(chunk, sink)) return;
    this.#settle?.resolve();
    this.#settle = undefined;
  }

  /** Reads `"t":123` out of the events, over any split. */
  #stamps(bytes: Buffer): void {
    const received = nowNs();
    const text = this.#stampText + bytes.toString('latin1');
    let end = 0;
    for (const match of text.matchAll(/"t":(\d+)(?=\D)/g)) {
      this.#tally.delay.push(received - Number(match[1]));
      this.#tally.events++;
      end = match.index + match[0].length;
    }
    this.#stampText = text.slice(Math.max(end, text.length - 32));
  }

  async #send(socket: Socket): Promise<void> {
    socket.write(this.#request);
    for (let left = this.#options.upload; left > 0; left -= block.length) {
      const room = socket.write(left < block.length ? block.subarray(0, left) : block);
      if (!room) await new Promise((resolve) => socket.once('drain', resolve).once('close', resolve));
    }
  }

  /** One request and its answer. Rejects when that fails; the connection is then closed. */
  async call(): Promise<void> {
    try {
      if (!this.open) await this.#connect();
      const socket = this.#socket!;
      if (!this.#options.fresh) this.#began = nowNs();
      this.#answered = false;
      this.#message = new MessageReader();
      const answered = new Promise<void>((resolve, reject) => {
        this.#settle = { resolve, reject };
      });
      await Promise.all([this.#send(socket), answered]);
      const { status } = this.#message;
      if (this.#options.expect && status !== this.#options.expect) {
        throw new Error(`answered ${status} instead of ${this.#options.expect}`);
      }
      this.#tally.latency.push(nowNs() - this.#began);
      this.#tally.requests++;
      this.#tally.bytesUp += this.#request.length + this.#options.upload;
      if (this.#options.fresh) this.close();
    } catch (error) {
      this.close();
      throw error;
    }
  }

  close(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    this.#settle = undefined;
    socket?.removeAllListeners('close').end();
  }
}

export function isTls(options: LoadOptions): boolean {
  return options.form === 'connect' || options.form === 'tls';
}
