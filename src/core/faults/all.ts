/** Every fault there is, one line each: adding a fault is its own file and a line here. `catalogue.ts` reads this. */

export { bandwidth } from './bandwidth.ts';
export { bodyContentType } from './body-content-type.ts';
export { bodyEmpty } from './body-empty.ts';
export { bodyError } from './body-error.ts';
export { bodyFields } from './body-fields.ts';
export { bodyHtml } from './body-html.ts';
export { bodyHuge } from './body-huge.ts';
export { bodyNotJson } from './body-not-json.ts';
export { bodyTruncated } from './body-truncated.ts';
export { edgeError } from './edge-error.ts';
export { httpError } from './http-error.ts';
export { latency } from './latency.ts';
export { slowBody } from './slow-body.ts';
export { slowStream } from './slow-stream.ts';
export { stopReason } from './stop-reason.ts';
export { streamCut } from './stream-cut.ts';
export { streamError } from './stream-error.ts';
export { streamGarble } from './stream-garble.ts';
export { streamStall } from './stream-stall.ts';
export { thinkingSignature } from './thinking-signature.ts';
export { timeout } from './timeout.ts';
export { toolJson } from './tool-json.ts';
export { usage } from './usage.ts';
