/** mockttp from npm. */
import type { Subject } from '../../model.ts';
import { launchNode } from '../node-setup.ts';
import { installPinned, PINNED } from '../npm.ts';

export const mockttp: Subject = {
  name: 'mockttp',
  about: `mockttp ${PINNED.mockttp}, nothing recorded, one rule, P-256 authority (its leaves are RSA)`,
  prepare: async () => installPinned(),
  launch: (lab, setup) => launchNode('mockttp', lab, setup),
};
