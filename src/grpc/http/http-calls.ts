/** Fault's plain-HTTP calls. */
import type { MessageInitShape } from '@bufbuild/protobuf';
import {
  ProcessHttpResponseResponse_Action as Action,
  type HttpRequest,
  type HttpResponse,
  type ProcessHttpResponseResponseSchema,
} from '../gen/plugin_pb.ts';
import { BadMessage } from '../service-definition.ts';
import { continueWith, type RequestReply, requestHead, responseMessage } from './http-message.ts';

export type ResponseReply = MessageInitShape<typeof ProcessHttpResponseResponseSchema>;

export class HttpCalls {
  async request(request: HttpRequest | undefined, _signal: AbortSignal): Promise<RequestReply> {
    if (request === undefined) throw new BadMessage('request is missing');
    requestHead(request);
    return continueWith(request).reply;
  }

  async response(response: HttpResponse | undefined, _signal: AbortSignal): Promise<ResponseReply> {
    if (response === undefined) throw new BadMessage('response is missing');
    const headers = response.headers.map(({ name, value }) => [name, value] as const);
    return {
      action: Action.CONTINUE,
      modifiedResponse: responseMessage(response.statusCode, headers, response.body),
    };
  }
}
