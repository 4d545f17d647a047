import { once } from 'node:events';
import http from 'node:http';
import { describe, expect, it } from 'vitest';
import { createMockApi } from '../../src/mock/mock-api.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { HI } from './calls.ts';
import { atEnd, collect, connect, listening, post, rawPost, until } from './wire-support.ts';

describe('over HTTP', () => {
  it('answers whole, with the head of the real API', async () => {
    const clock = new FakeClock();
    const { port } = await listening({ clock });
    const answer = await post(port);
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.body.toString()).content[0].text).toContain('stand-in');
    expect(answer.headers['content-length']).toBe(String(answer.body.length));
    expect(answer.headers.date).toBe('Mon, 23 Nov 2026 12:00:00 GMT');
    expect(answer.rawHeaders.filter((_, i) => i % 2 === 0)).toEqual(
      expect.arrayContaining([
        'Date',
        'Content-Type',
        'request-id',
        'CF-RAY',
        'Connection',
        'anthropic-organization-id',
      ]),
    );
    expect(answer.headers['keep-alive']).toBeUndefined();
    expect(answer.headers['strict-transport-security']).toBeUndefined();
  });

  it('says the same to the same request, byte for byte', async () => {
    const { port } = await listening({ clock: new FakeClock() });
    expect(await post(port)).toEqual(await post(port));
  });

  it('streams frames of exactly two lines', async () => {
    const { port } = await listening();
    const answer = await post(port, { ...HI, stream: true });
    expect(answer.headers).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'transfer-encoding': 'chunked',
      'cache-control': 'no-cache',
    });
    const text = answer.body.toString();
    expect(text.endsWith('}\n\n')).toBe(true);
    for (const frame of text.slice(0, -2).split('\n\n')) {
      expect(frame).toMatch(/^event: [a-z_]+\ndata: \{[^\n]*\}$/);
    }
    expect(text).toContain('event: ping\ndata: {"type": "ping"}\n\n');
  });

  it('takes each chunk of a body as it is cut, however small, and lets none pile up', async () => {
    const mock = createMockApi();
    atEnd(() => mock.close());
    let cut = 0;
    let most = 0;
    mock.server.on('request', (message: http.IncomingMessage) => {
      const push = message.push.bind(message);
      message.push = (chunk: unknown) => {
        if (chunk !== null) cut += 1;
        const room = push(chunk);
        most = Math.max(most, message.readableLength);
        return room;
      };
    });
    const client = mock.dial();
    atEnd(() => client.destroy());
    const { text } = collect(client);
    client.write(
      'POST /v1/messages HTTP/1.1\r\nhost: stand-in\r\ntransfer-encoding: chunked\r\n\r\n1\r\n"\r\n',
    );
    await until(() => cut === 1);
    await new Promise((resolve) => setImmediate(resolve));
    most = 0;
    client.write(`${'1\r\nx\r\n'.repeat(20_000)}1\r\n"\r\n0\r\n\r\n`);
    await until(() => text().includes('HTTP/1.1 401'));
    expect(cut).toBe(20_002);
    expect(most).toBe(0);
  });

  it('lets others be heard while a large request is handed to it inside the process', async () => {
    const mock = createMockApi();
    atEnd(() => mock.close());
    const client = mock.dial();
    atEnd(() => client.destroy());
    const { text } = collect(client);
    client.write('POST /v1/messages HTTP/1.1\r\nhost: stand-in\r\ntransfer-encoding: chunked\r\n\r\n');
    for (let i = 0; i < 40; i++) client.write('1\r\nx\r\n'.repeat(6_000));
    client.write('0\r\n\r\n');
    let turns = 0;
    while (!text().includes('HTTP/1.1 401')) {
      await new Promise((resolve) => setImmediate(resolve));
      turns += 1;
    }
    expect(turns).toBeGreaterThanOrEqual(40);
  });

  it('keeps a connection, and answers requests in turn', async () => {
    const { port } = await listening();
    const socket = await connect(port);
    const { text } = collect(socket);
    socket.write(rawPost(HI) + rawPost({ ...HI, stream: true }) + rawPost({}));
    await until(() => text().includes('model: Field required'));
    expect(text().match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 200', 'HTTP/1.1 400']);
  });

  it('answers HEAD with a head', async () => {
    const { port } = await listening();
    const socket = await connect(port);
    const { text } = collect(socket);
    socket.write('HEAD /api/hello HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n');
    await once(socket, 'close');
    expect(text()).toMatch(/^HTTP\/1\.1 200 OK\r\n[\s\S]*\r\n\r\n$/);
    expect(text()).toContain('Content-Length: 19');
  });

  it('reads a body over 32 MiB to its end, then answers as the edge does', async () => {
    const { port } = await listening();
    const answer = await post(port, Buffer.alloc(32 * 1024 * 1024 + 1, 32));
    expect(answer.status).toBe(413);
    expect(answer.body.toString()).toBe(
      '{"error":{"type":"request_too_large","message":"Request exceeds the maximum size"}}',
    );
    expect((await post(port, Buffer.alloc(32 * 1024 * 1024, 32))).status).toBe(400);
  });

  it('has none of the time limits that Node sets by default', async () => {
    const { mock } = await listening();
    const { timeout, headersTimeout, requestTimeout, keepAliveTimeout } = mock.server;
    expect({ timeout, headersTimeout, requestTimeout, keepAliveTimeout }).toEqual({
      timeout: 0,
      headersTimeout: 0,
      requestTimeout: 0,
      keepAliveTimeout: 0,
    });
  });

  it('takes heads larger than Node would', async () => {
    const { port } = await listening();
    expect((await post(port, HI, { 'x-large': 'x'.repeat(100_000) })).status).toBe(200);
  });
});

describe('in the process', () => {
  it('serves a dialled connection', async () => {
    const mock = createMockApi();
    atEnd(() => mock.close());
    const connection = mock.dial();
    const { text } = collect(connection);
    connection.write(rawPost(HI, 'connection: close\r\n'));
    await once(connection, 'end');
    expect(text()).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(text()).toContain('built-in stand-in');
  });

  it('serves as an agent of node:http', async () => {
    const mock = createMockApi();
    atEnd(() => mock.close());
    const request = http.request({
      path: '/v1/models',
      headers: { 'x-api-key': 'k', 'anthropic-version': '2023-06-01' },
      createConnection: () => mock.dial(),
    });
    request.end();
    const [response] = (await once(request, 'response')) as [http.IncomingMessage];
    expect(response.statusCode).toBe(200);
    response.resume();
    await once(response, 'end');
  });

  it('breaks off, for the client too, when it is closed', async () => {
    const mock = createMockApi({ tokensPerSecond: 1, clock: new FakeClock() });
    const connection = mock.dial();
    const { text } = collect(connection);
    connection.write(rawPost({ ...HI, stream: true }));
    await until(() => text().includes('ping'));
    const ended = once(connection, 'end');
    await mock.close();
    await ended;
    expect(text()).not.toContain('message_stop');
    await until(() => connection.destroyed);
    await mock.close();
  });

  it('fails what a client could not write any more', async () => {
    const mock = createMockApi();
    const served = once(mock.server, 'connection');
    const connection = mock.dial();
    const [socket] = await served;
    socket.pause();
    connection.write(Buffer.alloc(1_000_000));
    connection.write('more');
    const failed = once(connection, 'error');
    await mock.close();
    expect(await failed).toMatchObject([{ code: 'ECONNRESET' }]);
  });

  it('is not disturbed when it idles at the end', async () => {
    const mock = createMockApi();
    const connection = mock.dial();
    const { text } = collect(connection);
    connection.write(rawPost(HI));
    await until(() => text().includes('end_turn'));
    const closed = once(connection, 'close');
    await mock.close();
    await closed;
  });
});
