/**
 * CPU nanoseconds per exchange of the engine alone: a connection in a tunnel whose socket takes bytes and does nothing,
 * so that neither TLS nor the kernel is measured. Not a test: for finding out what a change costs, in paired runs.
 *
 *   npm run build && node bench/micro/engine.mjs [inject|pass] [--silent] [--rules] [--event-log]
 *
 * `--rules`: with 50 rules of which none matches, as the scenario `rules` has them; `--event-log`: every event is written to a file.
 */
import { EventEmitter } from 'node:events';
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { faultCatalogue } from '../../dist/core/faults/catalogue.js';
import { faultPresets } from '../../dist/core/faults/presets.js';
import { TargetHosts } from '../../dist/core/net/target-host.js';
import { compileRules } from '../../dist/core/rules/compile.js';
import { ClientStream } from '../../dist/engine/connection/client-stream.js';
import { Engine } from '../../dist/engine/engine.js';
import { Self } from '../../dist/engine/front/self.js';
import { ClientConnection } from '../../dist/engine/http1/client-connection.js';
import { systemClock } from '../../dist/engine/transport/system-clock.js';
import { Router } from '../../dist/engine/upstream/router.js';
import { EventBus } from '../../dist/observe/bus.js';
import { ConsoleLog } from '../../dist/observe/console-log.js';
import { EventLog } from '../../dist/observe/recorder.js';
import { SummaryFold } from '../../dist/observe/summary.js';
import { watch } from '../../dist/observe/watch.js';

const ROUND = Number(process.env.ROUND ?? 20_000);
const ROUNDS = Number(process.env.ROUNDS ?? 15);

const BODY = '{"model":"claude-sonnet-4-5","max_tokens":64,"messages":[{"role":"user","content":"Hello"}]}';
const REQUEST = Buffer.from(
  [
    'POST /v1/messages HTTP/1.1',
    'Host: localhost',
    'Accept: application/json',
    'Content-Type: application/json',
    'User-Agent: Anthropic/JS 0.71.0',
    'X-Stainless-Retry-Count: 0',
    'X-Stainless-Timeout: 600',
    'X-Stainless-Lang: js',
    'X-Stainless-Package-Version: 0.71.0',
    'X-Stainless-OS: Linux',
    'X-Stainless-Arch: x64',
    'X-Stainless-Runtime: node',
    'X-Stainless-Runtime-Version: v20.20.2',
    'anthropic-version: 2023-06-01',
    `x-api-key: sk-ant-api03-${'x'.repeat(95)}`,
    'Connection: keep-alive',
    `content-length: ${BODY.length}`,
    '',
    BODY,
  ].join('\r\n'),
);
const ANSWER = Buffer.from(
  `HTTP/1.1 200 OK\r\ndate: Thu, 01 Jan 2026 00:00:00 GMT\r\ncontent-type: application/json\r\nrequest-id: req_011CSHoEeqs5C35K2UUqR7Fy\r\nvia: 1.1 google\r\nserver: cloudflare\r\ncontent-length: 300\r\n\r\n${'x'.repeat(300)}`,
);

/** A socket as far as the engine looks at one. */
class DeadSocket extends EventEmitter {
  destroyed = false;
  writableEnded = false;
  writableNeedDrain = false;
  errored = null;
  written = 0;
  onWrite = undefined;
  write(bytes) {
    this.written += bytes.length;
    this.onWrite?.();
    return true;
  }
  isPaused() {
    return false;
  }
  pause() {}
  resume() {}
  end() {}
  destroy() {
    this.destroyed = true;
  }
}

const mode = process.argv[2] ?? 'inject';
const DEFAULT_RULE = {
  name: 'default',
  trigger: { probability: mode === 'inject' ? 1 : 0 },
  fault: { kind: 'http-error', status: 529 },
};
const FIFTY_RULES = Array.from({ length: 50 }, (_, i) => ({
  name: `rule-${i}`,
  when: [
    { path: `/v1/elsewhere-${i}/*` },
    { path: '/v1/messages', header: { 'x-bench-rule': `value-${i}` } },
    { path: '/v1/messages', model: `claude-none-${i}-*` },
  ][i % 3],
  fault: 'overloaded',
}));
const bus = new EventBus();
if (process.argv.includes('--event-log')) {
  const file = join(tmpdir(), `engine-events-${process.pid}.jsonl`);
  const log = new EventLog(file, { onFailure: (problem) => console.error(problem.message) });
  log.open();
  bus.subscribe(log.record);
  process.on('exit', () => rmSync(file));
}
const summary = new SummaryFold();
if (!process.argv.includes('--silent')) {
  const colors = new Proxy({}, { get: () => (text) => text });
  const log = new ConsoleLog({
    format: 'text',
    quiet: true,
    verbose: false,
    colors,
    out: process.stdout,
    warnings: process.stderr,
  });
  watch(bus, [(event, done) => log.observe(event, done), (event, done) => summary.observe(event, done)], {
    everyStep: false,
  });
}
const upstream = () => {
  const socket = new DeadSocket();
  socket.onWrite = () => replies.push(socket);
  return socket;
};
const replies = [];
const dial = async () => ({ stream: upstream(), peer: 'up', reset() {} });
const engine = new Engine({
  targets: new TargetHosts(['localhost']),
  rules: compileRules(process.argv.includes('--rules') ? FIFTY_RULES : [DEFAULT_RULE], {
    seed: '1',
    messages: 'default',
    library: { catalogue: faultCatalogue, presets: faultPresets },
  }),
  ca: {},
  router: new Router({ upstream: { kind: 'target' }, dialer: { tls: dial, tcp: dial } }),
  self: new Self(),
  sink: bus,
  clock: systemClock,
  marker: true,
  openToOthers: true,
});
const connections = Array.from({ length: 16 }, (_, i) => {
  const stream = new DeadSocket();
  const context = {
    connection: i + 1,
    via: 'connect',
    tls: true,
    target: { host: 'localhost', port: 443 },
    sni: 'localhost',
  };
  const client = new ClientStream(engine, { stream, peer: '127.0.0.1', reset() {} }, i + 1);
  new ClientConnection(client, context, () => {}).start();
  return stream;
});
const turn = async () => {
  for (const stream of connections) stream.emit('data', Buffer.from(REQUEST));
  if (mode === 'inject') return;
  if (replies.length < connections.length) await new Promise(setImmediate);
  for (const socket of replies.splice(0)) socket.emit('data', Buffer.from(ANSWER));
};
const times = [];
for (let round = 0; round < ROUNDS; round++) {
  const before = process.cpuUsage();
  for (let i = 0; i < ROUND; i += connections.length) await turn();
  const { user, system } = process.cpuUsage(before);
  times.push((1000 * (user + system)) / ROUND);
}
times.sort((a, b) => a - b);
console.log(
  `${mode}: median ${times[ROUNDS >> 1].toFixed(0)} ns, least ${times[0].toFixed(0)} ns; seen ${summary.current().seen}, answered ${connections[0].written}`,
);
process.exit(0);
