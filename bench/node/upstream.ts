/**
 * Stands in for `native/upstream.c` where no C compiler is present: same arguments, same `x-bench` header, same answers.
 * Raw sockets, no node:http.
 */
import { readFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { MessageReader } from './message-reader.ts';

const [cert, key] = process.argv.slice(2).map((file) => readFileSync(file));
const block = Buffer.alloc(256 * 1024, 'x');
const now = (): string => process.hrtime.bigint().toString();

function jsonAnswer(): Buffer {
  const body = JSON.stringify({
    id: 'msg_bench',
    type: 'message',
    role: 'assistant',
    model: 'claude-bench',
    content: [{ type: 'text', text: '7'.padStart(400, '0') }],
    stop_reason: 'end_turn',
    stop_sequence: null,
    usage: { input_tokens: 25, output_tokens: 100 },
  });
  return Buffer.from(
    'HTTP/1.1 200 OK\r\ndate: Thu, 01 Jan 2026 00:00:00 GMT\r\ncontent-type: application/json\r\n' +
      `request-id: req_011CSHoEeqs5C35K2UUqR7Fy\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
  );
}

const SSE_HEAD =
  'HTTP/1.1 200 OK\r\ndate: Thu, 01 Jan 2026 00:00:00 GMT\r\ncontent-type: text/event-stream; charset=utf-8\r\n' +
  'cache-control: no-cache\r\nrequest-id: req_011CSHoEeqs5C35K2UUqR7Fy\r\ntransfer-encoding: chunked\r\n\r\n';

function event(index: number, total: number): string {
  const fields = (): [string, string] => {
    if (index === 0) {
      const usage = '"usage":{"input_tokens":25,"output_tokens":1}';
      const message = `{"id":"msg_bench","type":"message","role":"assistant","model":"claude-bench","content":[],${usage}}`;
      return ['message_start', `"message":${message}`];
    }
    if (index === 1) return ['content_block_start', '"index":0,"content_block":{"type":"text","text":""}'];
    if (index === total - 3) return ['content_block_stop', '"index":0'];
    if (index === total - 2)
      return ['message_delta', '"delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":195}'];
    if (index === total - 1) return ['message_stop', '"end":true'];
    return ['content_block_delta', '"index":0,"delta":{"type":"text_delta","text":" and so on"}'];
  };
  const [type, rest] = fields();
  const text = `event: ${type}\ndata: {"type":"${type}","t":${now()},${rest}}\n\n`;
  return `${text.length.toString(16)}\r\n${text}\r\n${index === total - 1 ? '0\r\n\r\n' : ''}`;
}

function stream(socket: Socket, total: number, intervalUs: number): void {
  socket.write(SSE_HEAD);
  if (intervalUs === 0) {
    socket.write(Array.from({ length: total }, (_, index) => event(index, total)).join(''));
    return;
  }
  let index = 0;
  const timer = setInterval(() => {
    if (!socket.destroyed) socket.write(event(index++, total));
    if (socket.destroyed || index === total) clearInterval(timer);
  }, intervalUs / 1000);
}

function download(socket: Socket, size: number): void {
  socket.write(
    `HTTP/1.1 200 OK\r\ncontent-type: application/octet-stream\r\ncontent-length: ${size}\r\n\r\n`,
  );
  let left = size;
  const more = (): void => {
    let room = true;
    while (room && left > 0) {
      const part = left < block.length ? block.subarray(0, left) : block;
      left -= part.length;
      room = socket.write(part);
    }
    if (left > 0) socket.once('drain', more);
  };
  more();
}

const json = jsonAnswer();

function serve(socket: Socket): void {
  const request = new MessageReader();
  socket.setNoDelay(true);
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk: Buffer) => {
    if (!request.push(chunk)) return;
    const [mode, first, second] = request.header('x-bench')?.split(' ') ?? [];
    if (mode === 'sse') stream(socket, Number(first), Number(second));
    else if (mode === 'down') download(socket, Number(first));
    else socket.write(json);
  });
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

const tls = await listen(createTlsServer({ cert: cert!, key: key!, ALPNProtocols: ['http/1.1'] }, serve));
const plain = await listen(createServer(serve));
console.log(JSON.stringify({ tls, plain }));
process.stdin.resume().on('end', () => process.exit(0));
