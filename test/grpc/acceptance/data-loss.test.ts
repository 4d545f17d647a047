/** On the fake of fault; test/fault/real runs the same on a real one. */
import { describeDataLoss } from '../../support/fault-acceptance/data-loss.ts';
import { startFake, startFakeWithSlowPlugin } from '../../support/fault-acceptance/fake.ts';

// The fake's event loop deals the same orders again and again; a real fault is tried more often.
const few = { times: 20, tunnels: 16 };
describeDataLoss(startFake, '7 no byte is lost', few);
describeDataLoss(startFakeWithSlowPlugin(20), '7 no byte is lost with a slow plugin', few);
