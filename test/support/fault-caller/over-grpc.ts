/** Calls a plugin at a URL as fault does: one HTTP/2 connection, no deadline, answers of at most 4 MiB. */
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { Client, credentials } from '@grpc/grpc-js';
import {
  ProcessTunnelDataRequest_Direction as Direction,
  GetPluginInfoResponseSchema,
  HealthCheckResponseSchema,
  GetPluginInfoResponse_Side as InfoSide,
  ProcessTunnelDataRequestSchema,
  type ProcessTunnelDataResponse,
  ProcessTunnelDataResponseSchema,
  ProcessTunnelDataRequest_Side as WireSide,
} from '../../../src/grpc/gen/plugin_pb.ts';
import type { ProcessTunnelData, Side, TunnelReply } from './plugin-call.ts';

export interface PluginOverGrpc {
  readonly process: ProcessTunnelData;
  /** Asks what fault asks at its start. @returns which side of tunnels it wants to see; ANY is SERVER */
  load(): Promise<Side>;
  /** What it says of its health, which fault asks for every ten seconds. */
  healthy(): Promise<boolean>;
  close(): void;
}

/** @param url as `--grpc-plugin` takes it, `http://127.0.0.1:50051` */
export function pluginOverGrpc(url: string): PluginOverGrpc {
  const client = new Client(new URL(url).host, credentials.createInsecure(), {
    'grpc.max_receive_message_length': 4 * 1024 * 1024,
    'grpc.max_send_message_length': -1,
  });
  const ask = (method: string): Promise<Buffer> =>
    new Promise((resolve, reject) => {
      const same = (bytes: Buffer): Buffer => bytes;
      const path = `/plugin.PluginService/${method}`;
      client.makeUnaryRequest(path, same, same, Buffer.alloc(0), (error, value) =>
        error ? reject(error) : resolve(value!),
      );
    });
  return {
    process: ({ id, side, direction, chunk }, signal) =>
      new Promise((resolve, reject) => {
        const reads = (direction === 'to-client') === (side === 'server');
        const request = create(ProcessTunnelDataRequestSchema, {
          id,
          side: side === 'server' ? WireSide.SERVER : WireSide.CLIENT,
          direction: reads ? Direction.INGRESS : Direction.EGRESS,
          chunk,
        });
        const call = client.makeUnaryRequest(
          '/plugin.PluginService/ProcessTunnelData',
          (bytes: Buffer) => bytes,
          (bytes: Buffer) => fromBinary(ProcessTunnelDataResponseSchema, bytes),
          Buffer.from(toBinary(ProcessTunnelDataRequestSchema, request)),
          (error, response) => (error ? reject(error) : resolve(replyOf(response!))),
        );
        signal.addEventListener('abort', () => call.cancel(), { once: true });
      }),
    load: async () => {
      const { side } = fromBinary(GetPluginInfoResponseSchema, await ask('GetPluginInfo'));
      await ask('GetPluginCapabilities');
      return side === InfoSide.CLIENT ? 'client' : 'server';
    },
    healthy: async () => fromBinary(HealthCheckResponseSchema, await ask('HealthCheck')).healthy,
    close: () => client.close(),
  };
}

function replyOf({ action }: ProcessTunnelDataResponse): TunnelReply {
  switch (action.case) {
    case 'passThrough':
      return { kind: 'pass-through', chunk: Buffer.from(action.value.chunk) };
    case 'replace':
      return { kind: 'replace', chunk: Buffer.from(action.value.modifiedChunk) };
    case 'buffer':
      return { kind: 'buffer' };
    case 'close':
      return { kind: 'close', reason: action.value.reason };
    case undefined:
      return { kind: 'none' };
  }
}
