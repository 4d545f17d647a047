/** On the fake of fault; test/fault/real runs the same on a real one. */
import { describeDataLoss } from '../../support/fault-acceptance/data-loss.ts';
import { startFake, startFakeWithSlowPlugin } from '../../support/fault-acceptance/fake.ts';

// The fake's event loop deals the same orders again and again; a real fault is tried more often.
describeDataLoss(startFake, '7 no byte is lost', { times: 20, tunnels: 16 });
const slow = startFakeWithSlowPlugin(20);
describeDataLoss(slow, '7 no byte is lost with a slow plugin', { times: 10, tunnels: 10 });
