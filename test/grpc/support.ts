/** A plugin on a free port, and a client of it that is not fault: for tests of single calls. */
import {
  create,
  type DescMessage,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from '@bufbuild/protobuf';
import { Client, credentials, type ServiceError } from '@grpc/grpc-js';
import type { ProxyEvent } from '../../src/core/events.ts';
import { PluginService } from '../../src/grpc/gen/plugin_pb.ts';
import { type PluginOptions, type RunningPlugin, startPlugin } from '../../src/grpc/plugin.ts';
import { EventBus } from '../../src/observe/bus.ts';
import { testAuthority } from '../support/modes.ts';
import { atEnd } from '../support/proxy.ts';
import { testRules } from '../support/rules.ts';

type Methods = typeof PluginService.method;

export interface TestPlugin extends RunningPlugin {
  readonly events: ProxyEvent[];
  readonly client: Client;
  /** Calls a method; rejects with the status. */
  call<M extends keyof Methods>(
    method: M,
    request: MessageInitShape<Methods[M]['input']>,
    signal?: AbortSignal,
  ): Promise<MessageShape<Methods[M]['output']>>;
  /** The same with bytes that may be no message. */
  raw(method: string, bytes: Buffer): Promise<Buffer>;
}

/** A plugin for `api.anthropic.com`; passes everything unless told otherwise. */
export async function testPlugin(options: Partial<PluginOptions> = {}): Promise<TestPlugin> {
  const bus = options.bus ?? new EventBus();
  const events: ProxyEvent[] = [];
  bus.subscribe((event) =>
    events.push('toJSON' in event ? (event as { toJSON(): ProxyEvent }).toJSON() : event),
  );
  const plugin = await startPlugin({
    host: '127.0.0.1',
    port: 0,
    targets: ['api.anthropic.com'],
    rules: testRules(() => undefined),
    ca: await testAuthority(),
    version: '1.2.3',
    ...options,
    bus,
  });
  atEnd(() => plugin.close(0));
  const client = new Client(`127.0.0.1:${plugin.port}`, credentials.createInsecure(), {
    'grpc.max_receive_message_length': 4 * 1024 * 1024, // as fault has it
    'grpc.max_send_message_length': -1,
  });
  atEnd(() => client.close());
  const raw = (method: string, bytes: Buffer, signal?: AbortSignal): Promise<Buffer> =>
    new Promise((resolve, reject) => {
      const same = (value: Buffer): Buffer => value;
      const path = `/plugin.PluginService/${method}`;
      const call = client.makeUnaryRequest(
        path,
        same,
        same,
        bytes,
        (error: ServiceError | null, value?: Buffer) => (error ? reject(error) : resolve(value!)),
      );
      signal?.addEventListener('abort', () => call.cancel(), { once: true });
    });
  return {
    host: plugin.host,
    port: plugin.port,
    url: plugin.url,
    bus,
    events,
    client,
    replaceRules: plugin.replaceRules,
    close: plugin.close,
    get tunnels() {
      return plugin.tunnels;
    },
    get found() {
      return plugin.found;
    },
    raw,
    call: async (name, request, signal) => {
      const method = PluginService.method[name];
      const message = create(method.input as DescMessage, request as never);
      const bytes = Buffer.from(toBinary(method.input as DescMessage, message));
      return fromBinary(method.output as DescMessage, await raw(method.name, bytes, signal)) as never;
    },
  };
}
