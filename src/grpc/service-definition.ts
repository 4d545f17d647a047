/** A generated service as @grpc/grpc-js wants it: protobuf inside, bytes at the door, and a clear status for a bad message. */
import {
  create,
  type DescMessage,
  type DescMethodUnary,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from '@bufbuild/protobuf';
import type { GenService, GenServiceMethods } from '@bufbuild/protobuf/codegenv2';
import {
  type handleUnaryCall,
  type MethodDefinition,
  type ServiceDefinition,
  status,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { asBuffer } from '../core/as-buffer.ts';

/** What a method does. Rejects with a {@link BadMessage} for what the caller did wrong. */
export type Unary<I extends DescMessage, O extends DescMessage> = (
  request: MessageShape<I>,
  signal: AbortSignal,
) => Promise<MessageInitShape<O>> | MessageInitShape<O>;

type MethodOf<M> = M extends { input: infer I extends DescMessage; output: infer O extends DescMessage }
  ? Unary<I, O>
  : never;

/** One function for each method of the service. */
export type Methods<S> = S extends GenService<infer M> ? { readonly [K in keyof M]: MethodOf<M[K]> } : never;

/** The caller's message means nothing: INVALID_ARGUMENT, with the reason. */
export class BadMessage extends Error {
  override readonly name = 'BadMessage';
}

export interface Served {
  readonly definition: ServiceDefinition;
  readonly implementation: UntypedServiceImplementation;
}

/**
 * Pairs a generated service with its methods.
 *
 * @param failed told of whatever a method throws that is no {@link BadMessage}: a bug of ours
 */
export function serve<M extends GenServiceMethods>(
  service: GenService<M>,
  methods: Methods<GenService<M>>,
  failed: (method: string, error: unknown) => void,
): Served {
  const definition: Record<string, MethodDefinition<Buffer, Buffer>> = {};
  const implementation: Record<string, handleUnaryCall<Buffer, Buffer>> = {};
  for (const method of service.methods as readonly DescMethodUnary[]) {
    definition[method.localName] = {
      path: `/${service.typeName}/${method.name}`,
      requestStream: false,
      responseStream: false,
      // Decoded in the method: a failure here would be reported as ours.
      requestDeserialize: same,
      requestSerialize: same,
      responseDeserialize: same,
      responseSerialize: same,
    };
    const run = methods[method.localName as keyof typeof methods] as Unary<DescMessage, DescMessage>;
    implementation[method.localName] = (call, reply) => {
      const gone = new AbortController();
      let replied = false;
      // Some calls are told as cancelled once they were answered: nobody waits for those.
      call.on('cancelled', () => {
        if (!replied) gone.abort();
      });
      answer(method, run, call.request, gone.signal).then(
        (bytes) => {
          replied = true;
          reply(null, bytes);
        },
        (error: unknown) => {
          replied = true;
          if (error instanceof BadMessage) reply({ code: status.INVALID_ARGUMENT, details: error.message });
          else {
            failed(method.name, error);
            reply({ code: status.INTERNAL, details: `${method.name} failed in the plugin` });
          }
        },
      );
    };
  }
  return { definition, implementation };
}

async function answer(
  method: DescMethodUnary,
  run: Unary<DescMessage, DescMessage>,
  bytes: Buffer,
  signal: AbortSignal,
): Promise<Buffer> {
  const request = decode(method.input, bytes);
  const response = create(method.output, await run(request, signal));
  return asBuffer(toBinary(method.output, response));
}

function decode(schema: DescMessage, bytes: Buffer): MessageShape<DescMessage> {
  try {
    return fromBinary(schema, bytes);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new BadMessage(`the message is no ${schema.typeName}: ${why}`);
  }
}

function same(bytes: Buffer): Buffer {
  return bytes;
}
