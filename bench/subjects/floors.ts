/** The subjects of our own that bound the others: nothing at all, bare Node, raw pipe, raw inject. */
import { type Subject, Unavailable } from '../model.ts';
import { launchNode } from './node-setup.ts';

const nothing = async (): Promise<void> => {};

/** The load generator against the upstream, without a proxy. Has no process of its own. */
export const direct: Subject = {
  name: 'direct',
  about: 'no proxy: the load generator against the upstream',
  prepare: nothing,
  launch() {
    throw new Unavailable('has no process');
  },
};

export const bareNode: Subject = {
  name: 'bare-node',
  about: 'Node with a listener and nothing else',
  prepare: nothing,
  launch: (lab, setup) => launchNode('bare-node', lab, setup),
};

export const rawPipe: Subject = {
  name: 'raw-pipe',
  about: 'CONNECT, TLS server piped to TLS client, nothing parsed, P-256 leaf',
  prepare: nothing,
  launch: (lab, setup) => launchNode('raw-pipe', lab, setup),
};

export const rawInject: Subject = {
  name: 'raw-inject',
  about: 'CONNECT, TLS server, canned bytes per request, nothing parsed, P-256 leaf',
  prepare: nothing,
  launch: (lab, setup) => launchNode('raw-inject', lab, setup),
};
