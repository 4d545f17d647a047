/** Calls a plugin at a URL as fault does: one HTTP/2 connection, no deadline, answers of at most 4 MiB. */
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { Client, credentials } from '@grpc/grpc-js';
import {
  ProcessTunnelDataRequest_Direction as Direction,
  GetPluginInfoResponseSchema,
  GetPluginInfoResponse_Side as InfoSide,
  ProcessTunnelDataRequestSchema,
  type ProcessTunnelDataResponse,
  ProcessTunnelDataResponseSchema,
  ProcessTunnelDataRequest_Side as WireSide,
} from '../../../src/grpc/gen/plugin_pb.ts';
import type { ProcessTunnelData, Side, TunnelReply } from './plugin-call.ts';

export interface PluginOverGrpc {
  readonly process: ProcessTunnelData;
  /** Which side of tunnels it wants to see; ANY is SERVER. */
  side(): Promise<Side>;
  close(): void;
}

/** @param url as `--grpc-plugin` takes it, `http://127.0.0.1:50051` */
export function pluginOverGrpc(url: string): PluginOverGrpc {
  const client = new Client(new URL(url).host, credentials.createInsecure(), {
    'grpc.max_receive_message_length': 4 * 1024 * 1024,
    'grpc.max_send_message_length': -1,
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
    side: () =>
      new Promise((resolve, reject) => {
        client.makeUnaryRequest(
          '/plugin.PluginService/GetPluginInfo',
          (bytes: Buffer) => bytes,
          (bytes: Buffer) => fromBinary(GetPluginInfoResponseSchema, bytes),
          Buffer.alloc(0),
          (error, info) =>
            error ? reject(error) : resolve(info!.side === InfoSide.CLIENT ? 'client' : 'server'),
        );
      }),
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
