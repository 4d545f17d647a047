/** A process that may not open more files refuses connections, and says so. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, it, onTestFinished } from 'vitest';
import { bareEnvironment } from '../clients/support/bare-environment.ts';
import { buildProgram } from './built-program.ts';

let main: string;
beforeAll(async () => {
  main = await buildProgram();
}, 60_000);

it.runIf(process.platform === 'linux')(
  'tells of connections that are refused for want of files',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'aep-files-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const proxy = ['--standalone', '--proxy-port', '0', '--upstream', 'mock', '--quiet'];
    const child = spawn('sh', ['-c', 'ulimit -n 60; exec "$0" "$@"', process.execPath, main, ...proxy], {
      env: { ...bareEnvironment(), HOME: folder, XDG_STATE_HOME: folder },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    const said = { out: '', err: '' };
    child.stdout.on('data', (text) => {
      said.out += text;
    });
    child.stderr.on('data', (text) => {
      said.err += text;
    });
    await expect.poll(() => said.out, { timeout: 10_000 }).toMatch(/listening on/);
    const port = Number(/:(\d+),/.exec(said.out)?.[1]);
    const sockets = Array.from({ length: 50 }, () => net.connect(port, '127.0.0.1').on('error', () => {}));
    onTestFinished(() => {
      for (const socket of sockets) socket.destroy();
    });
    await expect
      .poll(() => said.err, { timeout: 10_000 })
      .toMatch(/^note: .*raise its limit \(ulimit -n\).*\n$/);
  },
);
