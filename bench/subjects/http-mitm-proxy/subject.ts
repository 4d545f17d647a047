/** http-mitm-proxy from npm. */
import { type Subject, Unavailable } from '../../model.ts';
import { launchNode } from '../node-setup.ts';
import { installPinned, PINNED } from '../npm.ts';

export const httpMitmProxy: Subject = {
  name: 'http-mitm-proxy',
  about: `http-mitm-proxy ${PINNED['http-mitm-proxy']}, kept-alive agents, P-256 leaf`,
  prepare: async () => installPinned(),
  launch(lab, setup) {
    if (setup.task === 'tunnel') throw new Unavailable('intercepts every CONNECT');
    if (setup.form === 'origin' && setup.task === 'pass') throw new Unavailable('has no reverse mode');
    return launchNode('http-mitm-proxy', lab, setup);
  },
};
