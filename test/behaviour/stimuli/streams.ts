/** Broken streams: HTTP 200 and its headers went out, then something happened. */
import { STALL_MS, type Stimulus } from '../stimulus.ts';

/** Amid the text of the stand-in's answer, which is longer. */
const MID_TEXT = { after: { text: 80 } };
const TIMEOUT_MS = 2_000;

export const streamStimuli: readonly Stimulus[] = [
  { title: 'nothing' },
  {
    title: 'error as first frame, overloaded_error',
    fault: { kind: 'stream-error', before: 'first_event', error: 'overloaded_error' },
  },
  {
    title: 'error as first frame, api_error',
    fault: { kind: 'stream-error', before: 'first_event', error: 'api_error' },
  },
  {
    title: 'error after message_start',
    fault: { kind: 'stream-error', after: 'message_start', error: 'overloaded_error' },
  },
  {
    title: 'error mid-text',
    fault: { kind: 'stream-error', ...MID_TEXT, error: 'overloaded_error' },
  },
  { title: 'clean end mid-text', fault: { kind: 'stream-cut', ...MID_TEXT, how: 'clean' } },
  {
    title: 'clean end inside a frame',
    fault: { kind: 'stream-cut', ...MID_TEXT, how: 'clean', mid_frame: true },
  },
  { title: 'no message_stop', fault: { kind: 'stream-cut', before: 'message_stop', how: 'clean' } },
  { title: 'empty body', fault: { kind: 'body-empty' } },
  {
    title: 'reset before the first event',
    fault: { kind: 'stream-cut', before: 'first_event', how: 'reset' },
  },
  { title: 'reset mid-text', fault: { kind: 'stream-cut', ...MID_TEXT, how: 'reset' } },
  { title: 'connection closed mid-text', fault: { kind: 'stream-cut', ...MID_TEXT, how: 'close' } },
  { title: 'broken JSON in data', fault: { kind: 'stream-garble', ...MID_TEXT, how: 'broken-json' } },
  { title: 'unknown event', fault: { kind: 'stream-garble', ...MID_TEXT, how: 'unknown-event' } },
  { title: 'unknown delta type', fault: { kind: 'stream-garble', ...MID_TEXT, how: 'unknown-delta' } },
  {
    title: 'no `event:` lines',
    fault: { kind: 'stream-garble', after: { events: 0 }, how: 'no-name', count: 100_000 },
  },
  {
    title: 'message_start twice',
    fault: { kind: 'stream-garble', after: { events: 0 }, how: 'duplicate' },
  },
  {
    title: 'delta for a block never opened',
    fault: { kind: 'stream-garble', ...MID_TEXT, how: 'wrong-index' },
  },
  { title: 'CRLF line ends', fault: { kind: 'stream-garble', after: { events: 0 }, how: 'crlf' } },
  {
    title: 'content-type application/json',
    fault: { kind: 'body-content-type', content_type: 'application/json' },
  },
  { title: 'HTML page', fault: { kind: 'body-html' } },
  { title: 'error envelope as body', fault: { kind: 'body-error', error: 'overloaded_error' } },
  {
    title: 'silence mid-text, client timeout 2 s',
    fault: { kind: 'stream-stall', ...MID_TEXT },
    timeoutMs: TIMEOUT_MS,
    patienceMs: STALL_MS,
  },
  {
    title: 'only pings from mid-text on, client timeout 2 s',
    fault: { kind: 'stream-stall', ...MID_TEXT, pings: '200ms' },
    timeoutMs: TIMEOUT_MS,
    patienceMs: STALL_MS,
  },
];
