/** The door of the HTTP/1.1 codec: what the engine uses of it. The files behind it are one idea each. */
export { BodyScanner } from './body-scanner.ts';
export type { BodySink } from './body-sink.ts';
export { CHUNKED, EMPTY_BODY, type Framing, NO_BODY, UNTIL_EOF } from './framing.ts';
export { FramingError } from './framing-error.ts';
export { HeadReader } from './head-reader.ts';
export { connectionToSend, forwardEdit, hopByHop } from './hop-by-hop.ts';
export { Known } from './known-fields.ts';
export { persists } from './persists.ts';
export { RequestHead } from './request-head.ts';
export { ResponseHead } from './response-head.ts';
export { rewriteHead } from './rewrite-head.ts';
