/**
 * Nanoseconds per event of the SSE decoder and of stream filters, on a stream as the API sends it. Not a test: for finding
 * out what a change costs, in paired runs on a quiet machine.
 *
 *   npm run build && node bench/micro/sse.mjs [pattern]
 */
import { readFileSync } from 'node:fs';
import { createParser } from 'eventsource-parser';
import { faultCatalogue } from '../../dist/core/faults/catalogue.js';
import { SseDecoder } from '../../dist/core/sse/decode.js';

const STREAM = readFileSync(new URL('../../test/fixtures/sse/long-2000-events.sse', import.meta.url));
const CRLF = Buffer.from(STREAM.toString().replaceAll('\n', '\r\n'));
const EVENTS = new SseDecoder().push(STREAM);

/** One event per chunk, as a live stream comes. */
const SINGLE = EVENTS.map(({ raw }) => Buffer.from(raw));

/** Chunks of so many bytes, as a busy connection gives them. */
function chunks(bytes, size) {
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
    bytes.subarray(i * size, (i + 1) * size),
  );
}

const CONTEXT = { facts: { body: {} }, draw: () => 0.5, nth: 1, now: 0, wall: 0 };

function filter(kind, params) {
  const fault = faultCatalogue.get(kind);
  const plan = fault.plan(fault.params.parse(params), { seed: '1', messages: 'real' });
  const effect = plan(CONTEXT).find((each) => each.do === 'filter');
  return () => {
    const opened = effect.open({});
    let ops = 0;
    for (const event of new SseDecoder().push(STREAM)) ops += opened.onEvent(event, 0).length;
    return ops + opened.onEnd(Buffer.alloc(0), 0).length;
  };
}

function decode(list, read) {
  return () => {
    const decoder = new SseDecoder();
    let sum = 0;
    for (const chunk of list) for (const event of decoder.push(chunk)) sum += read(event);
    return sum;
  };
}

const never = { after: { events: 100_000 } };
const CASES = {
  'decode, 1 event per chunk, bytes only': decode(SINGLE, (event) => event.raw.length),
  'decode, 64 KiB chunks, bytes only': decode(chunks(STREAM, 65_536), (event) => event.raw.length),
  'decode, 100 B chunks, bytes only': decode(chunks(STREAM, 100), (event) => event.raw.length),
  'decode, 64 KiB chunks, CRLF': decode(chunks(CRLF, 65_536), (event) => event.raw.length),
  'decode and name': decode(SINGLE, (event) => event.name.length),
  'decode, name and data': decode(SINGLE, (event) => event.name.length + event.data.length),
  'eventsource-parser': () => {
    let sum = 0;
    const parser = createParser({ onEvent: (event) => (sum += event.data.length) });
    const utf8 = new TextDecoder();
    for (const chunk of SINGLE) parser.feed(utf8.decode(chunk, { stream: true }));
    return sum;
  },
  'decode + stream-cut by events': filter('stream-cut', never),
  'decode + stream-cut by bytes': filter('stream-cut', { after: { bytes: '1GiB' } }),
  'decode + stream-cut by text': filter('stream-cut', { after: { text: 1_000_000 } }),
  'decode + usage': filter('usage', { how: 'zero' }),
  'decode + tool-json': filter('tool-json', {}),
  'decode + slow-stream': filter('slow-stream', { tokens_per_second: 1_000_000 }),
};

const pattern = process.argv[2] ?? '';
let sink = 0;
for (const [name, run] of Object.entries(CASES)) {
  if (!name.includes(pattern)) continue;
  for (let i = 0; i < 30; i++) sink += run();
  const samples = Array.from({ length: 15 }, () => {
    const start = process.hrtime.bigint();
    for (let i = 0; i < 10; i++) sink += run();
    return Number(process.hrtime.bigint() - start) / 10 / EVENTS.length;
  }).sort((a, b) => a - b);
  console.log(`${samples[7].toFixed(0).padStart(6)} ns/event  (${samples[0].toFixed(0)} at best)  ${name}`);
}
if (sink === 0) throw new Error('nothing ran');
