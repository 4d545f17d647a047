/** ProcessTunnelData between the wire and the tunnels. */
import type { MessageInitShape } from '@bufbuild/protobuf';
import { asBuffer } from '../core/as-buffer.ts';
import {
  ProcessTunnelDataRequest_Direction as Direction,
  type ProcessTunnelDataRequest,
  type ProcessTunnelDataResponseSchema,
  ProcessTunnelDataRequest_Side as Side,
} from './gen/plugin_pb.ts';
import { BadMessage } from './service-definition.ts';
import type { TunnelAction, TunnelChunk } from './tunnel/tunnel-table.ts';

/** @throws BadMessage for a block that belongs nowhere */
export function chunkOf(request: ProcessTunnelDataRequest): TunnelChunk {
  const { id, side, direction, chunk } = request;
  if (id === '') throw new BadMessage('a block of a tunnel needs the id of its tunnel');
  // Enums are open on the wire, whatever the types say.
  if (side !== Side.CLIENT && side !== Side.SERVER)
    throw new BadMessage(`side ${side} is neither CLIENT (0) nor SERVER (1)`);
  if (direction !== Direction.INGRESS && direction !== Direction.EGRESS)
    throw new BadMessage(`direction ${direction} is neither INGRESS (0) nor EGRESS (1)`);
  // What is read from the server goes to the client; what is read from the client goes to the server.
  const toClient = (direction === Direction.INGRESS) === (side === Side.SERVER);
  return {
    id,
    side: side === Side.SERVER ? 'server' : 'client',
    direction: toClient ? 'to-client' : 'to-upstream',
    chunk: asBuffer(chunk),
  };
}

export function actionMessage(
  action: TunnelAction,
): MessageInitShape<typeof ProcessTunnelDataResponseSchema> {
  switch (action.kind) {
    case 'pass-through':
      return { action: { case: 'passThrough', value: { chunk: action.chunk } } };
    case 'replace':
      return { action: { case: 'replace', value: { modifiedChunk: action.chunk } } };
    case 'close':
      return { action: { case: 'close', value: { reason: action.reason } } };
  }
}
