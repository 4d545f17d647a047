import { expect, it } from 'vitest';
import { Problem } from '../../src/core/problem.ts';
import { serveMock } from '../../src/mock/serve.ts';
import { atEnd } from './wire-support.ts';

const failure = (where: Parameters<typeof serveMock>[0]) =>
  serveMock(where).then(
    (mock) => mock.close().then(() => undefined),
    (error: unknown) => error,
  );

it('listens on a free port, and stops', async () => {
  const mock = await serveMock({ host: '127.0.0.1', port: 0 });
  const url = `http://127.0.0.1:${mock.port}/api/hello`;
  expect((await fetch(url)).status).toBe(200);
  await mock.close();
  await expect(fetch(url)).rejects.toThrow('fetch failed');
  await mock.close();
});

it('says what to do about a port in use', async () => {
  const first = await serveMock({ host: '127.0.0.1', port: 0 });
  atEnd(() => first.close());
  const problem = await failure({ host: '127.0.0.1', port: first.port });
  expect(problem).toBeInstanceOf(Problem);
  expect(problem).toMatchObject({ code: 'port-in-use', kind: 'user' });
  expect((problem as Problem).message).toBe(
    `port ${first.port} on 127.0.0.1 is in use: stop what listens there, or choose another with --proxy-port (0 picks a free one)`,
  );
});

it('says what to do about an address that is not here', async () => {
  expect(await failure({ host: '192.0.2.1', port: 0 })).toMatchObject({ code: 'bad-option' });
});
