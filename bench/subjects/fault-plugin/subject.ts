/** This product as a plugin of the fault proxy: only the plugin's process is measured, not fault's, which asks it about each block. */
import { join } from 'node:path';
import { findFault } from '../../../test/fault/real/find-fault.ts';
import { faultArguments } from '../../../test/fault/real/real-fault.ts';
import { type Lab, type Launch, type Subject, Unavailable } from '../../model.ts';
import { paths } from '../../paths.ts';
import { productLaunch } from '../product/subject.ts';
import type { FakeFaultSetup } from './fake-fault.ts';

type Front = (lab: Lab, pluginUrl: string, port: number) => Pick<Launch, 'command' | 'args'>;

const fake: Front = (lab, pluginUrl, port) => {
  const told: FakeFaultSetup = { pluginUrl, port, upstream: lab.upstream.tls };
  const file = join(paths.build, 'subjects', 'fault-plugin', 'fake-fault.js');
  return { command: process.execPath, args: [file, JSON.stringify(told)] };
};

const real: Front = (lab, pluginUrl, port) => {
  const fault = findFault();
  if (typeof fault === 'string') throw new Unavailable(fault);
  const api = `127.0.0.1:${lab.upstream.tls}`;
  return { command: fault.file, args: faultArguments({ pluginUrl, port, api }) };
};

function plugin(name: string, about: string, front: Front): Subject {
  return {
    name,
    about,
    async prepare(lab) {
      front(lab, '', 0);
    },
    launch: (lab, setup) => ({
      ...productLaunch(name, lab, setup, ['--port', `${setup.port}`]),
      front: (port) => front(lab, `http://127.0.0.1:${setup.port}`, port),
    }),
  };
}

export const faultPlugins: readonly Subject[] = [
  plugin('plugin', "this product as fault's plugin, asked by the tests' fake of fault", fake),
  plugin(
    'plugin+fault',
    "this product as fault's plugin, asked by a real fault (FAULT_BIN, or on the PATH)",
    real,
  ),
];
