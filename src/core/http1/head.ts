/** The door of the HTTP/1.1 codec: what the engine uses of it. The files behind it are one idea each. */
export { BodyScanner } from './body-scanner.ts';
export type { BodySink } from './body-sink.ts';
export { CHUNKED, EMPTY_BODY, type Framing, NO_BODY, UNTIL_EOF } from './framing.ts';
export { FramingError, type MessageKind } from './framing-error.ts';
export { HeadReader, MAX_HEAD_BYTES } from './head-reader.ts';
export { HeaderBlock } from './header-block.ts';
export { connectionToSend, forwardEdit, type HeadEdit, hopByHop } from './hop-by-hop.ts';
export { Known } from './known-fields.ts';
export { persists } from './persists.ts';
export { RequestHead } from './request-head.ts';
export { ResponseHead } from './response-head.ts';
export { type HeadChanges, rewriteHead } from './rewrite-head.ts';
