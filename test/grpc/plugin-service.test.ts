/** The service as fault sees it: what it is told, and what becomes of messages that mean nothing. */
import { Client, credentials, Server, ServerCredentials, status } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import { PluginService } from '../../src/grpc/gen/plugin_pb.ts';
import { startPlugin } from '../../src/grpc/plugin.ts';
import { pluginMethods } from '../../src/grpc/plugin-service.ts';
import { serve } from '../../src/grpc/service-definition.ts';
import { testAuthority } from '../support/modes.ts';
import { atEnd } from '../support/proxy.ts';
import { testRules } from '../support/rules.ts';
import { testPlugin } from './support.ts';

/** What must not be asked. */
const never = { request: fail, response: fail, process: fail };

function fail(): never {
  throw new Error('not asked for here');
}

describe('the plugin', () => {
  it('says that it is well, what it is and what it can do', async () => {
    const plugin = await testPlugin();
    expect(await plugin.call('healthCheck', {})).toMatchObject({ healthy: true });
    expect(await plugin.call('getPluginInfo', {})).toMatchObject({
      name: 'anthropic-error-plugin',
      version: '1.2.3',
      direction: 2, // BOTH
      side: 1, // SERVER
    });
    expect(await plugin.call('getPluginCapabilities', {})).toMatchObject({
      canHandleHttpForward: true,
      canHandleTunnel: true,
      protocols: [1, 2], // HTTP, HTTPS
    });
  });

  it('says once that fault has found it, when fault has asked for all that it asks', async () => {
    const plugin = await testPlugin();
    const told = () => plugin.events.flatMap((event) => (event.type === 'notice' ? [event.code] : []));
    await plugin.call('healthCheck', {});
    await plugin.call('getPluginInfo', {});
    expect([plugin.found, told()]).toEqual([false, []]);
    await plugin.call('getPluginCapabilities', {});
    await plugin.call('getPluginCapabilities', {});
    expect([plugin.found, told()]).toEqual([true, ['fault-found']]);
    // Nobody has asked since, so fault does not know of the end.
    await plugin.close();
    expect(told()).toEqual(['fault-found', 'fault-not-told']);
  });

  it('refuses what is no message, names why, and goes on', async () => {
    const plugin = await testPlugin();
    const truncated = Buffer.from([0x0a, 0x7f, 0x01]);
    for (const method of ['ProcessHttpRequest', 'ProcessHttpResponse', 'ProcessTunnelData', 'HealthCheck'])
      await expect(plugin.raw(method, truncated), method).rejects.toMatchObject({
        code: status.INVALID_ARGUMENT,
        details: expect.stringContaining(`the message is no plugin.${method}Request`),
      });
    await expect(plugin.raw('NoSuchMethod', truncated)).rejects.toMatchObject({ code: status.UNIMPLEMENTED });
    expect(await plugin.call('healthCheck', {})).toMatchObject({ healthy: true });
  });

  it.each([
    ['no id', { id: '', chunk: Buffer.from('x') }, /id/],
    ['a side that there is not', { id: 'a', side: 7 as never }, /side 7/],
    ['a direction that there is not', { id: 'a', side: 1 as const, direction: 9 as never }, /direction 9/],
  ])('refuses a block of a tunnel with %s', async (_name, request, why) => {
    const plugin = await testPlugin();
    await expect(plugin.call('processTunnelData', request)).rejects.toMatchObject({
      code: status.INVALID_ARGUMENT,
      details: expect.stringMatching(why),
    });
  });

  it('refuses calls about nothing', async () => {
    const plugin = await testPlugin();
    for (const method of ['processHttpRequest', 'processHttpResponse'] as const)
      await expect(plugin.call(method, {})).rejects.toMatchObject({ code: status.INVALID_ARGUMENT });
  });

  it('takes messages far beyond the usual 4 MiB', async () => {
    const plugin = await testPlugin();
    const body = Buffer.alloc(20 * 1024 * 1024, 'a');
    const request = { method: 'POST', path: '/v1/messages', headers: [], body };
    expect(await plugin.call('processHttpRequest', { request })).toMatchObject({ action: 0 });
  });

  it('names the port that is taken, and the cure', async () => {
    const first = await testPlugin();
    const options = {
      host: '127.0.0.1',
      targets: ['api.anthropic.com'],
      rules: testRules(() => undefined),
      ca: await testAuthority(),
      version: '1',
    };
    await expect(startPlugin({ ...options, port: first.port })).rejects.toMatchObject({
      code: 'port-in-use',
      message: expect.stringContaining(`--port ${first.port + 1}`),
    });
    await expect(startPlugin({ ...options, host: '192.0.2.1', port: 0 })).rejects.toMatchObject({
      code: 'bad-option',
      message: expect.stringContaining('192.0.2.1 is no address of this machine'),
    });
    expect(await first.call('healthCheck', {})).toMatchObject({ healthy: true });
  });
});

describe('a method with a bug', () => {
  it('is INTERNAL to its caller, told once, and harms no other', async () => {
    const failures: [string, unknown][] = [];
    const bug = new Error('a bug');
    const { definition, implementation } = serve(
      PluginService,
      {
        ...pluginMethods({ version: '1', http: never, tunnels: never, onFound: fail, isWell: fail }),
        healthCheck: () => {
          throw bug;
        },
      },
      (method, error) => failures.push([method, error]),
    );
    const server = new Server();
    server.addService(definition, implementation);
    const port = await new Promise<number>((resolve, reject) =>
      server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
        error ? reject(error) : resolve(bound),
      ),
    );
    atEnd(() => server.forceShutdown());
    const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
    atEnd(() => client.close());
    const same = (bytes: Buffer): Buffer => bytes;
    const call = (method: string) =>
      new Promise((resolve, reject) => {
        const path = `/plugin.PluginService/${method}`;
        client.makeUnaryRequest(path, same, same, Buffer.alloc(0), (error, value) =>
          error ? reject(error) : resolve(value),
        );
      });
    await expect(call('HealthCheck')).rejects.toMatchObject({ code: status.INTERNAL });
    await expect(call('GetPluginInfo')).resolves.toBeInstanceOf(Buffer);
    expect(failures).toEqual([['HealthCheck', bug]]);
  });
});

describe('the end', () => {
  it('lets a call that is held finish, and takes no new one', async () => {
    const rules = testRules(() => ({ do: 'delay', at: 'request', ms: 300 }));
    const plugin = await testPlugin({ rules });
    const request = { method: 'GET', path: '/', headers: [{ name: 'host', value: 'api.anthropic.com' }] };
    const held = plugin.call('processHttpRequest', { request });
    await expect.poll(() => plugin.events.map(({ type }) => type)).toContain('fault.applied');
    const closed = plugin.close(5_000);
    expect(await held).toMatchObject({ action: 0 });
    await closed;
    await expect(plugin.call('healthCheck', {})).rejects.toMatchObject({ code: status.UNAVAILABLE });
  });
});
