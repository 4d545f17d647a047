import { ANY_CALL, RECOVERED } from './calls.ts';
import type { Scenario } from './scenario.ts';

export const blackout: Scenario = {
  name: 'blackout',
  summary:
    'The API cannot be reached: connections are reset for two minutes, then nothing answers for three.',
  sources: [],
  chosen: 'All of it.',
  goodClient:
    'Gives up on a connection in seconds, tells the user that the network is the trouble, and works again by itself.',
  phases: [
    {
      name: 'unreachable',
      for: '2m',
      summary: 'New connections are reset, and so is every call on an old one.',
      rules: [
        { part: 'connections', fault: { kind: 'connect-failure', how: 'reset', at: 'accept' } },
        { when: ANY_CALL, fault: { kind: 'disconnect', how: 'reset', at: 'request' } },
      ],
    },
    {
      name: 'black-hole',
      for: '3m',
      summary: 'Connections open, and nothing ever comes back.',
      rules: [{ when: ANY_CALL, fault: { kind: 'timeout', at: 'request' } }],
    },
    RECOVERED,
  ],
};
