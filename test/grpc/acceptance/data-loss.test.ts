/** On the fake of fault; test/fault/real runs the same on a real one. */
import { describeDataLoss } from '../../support/fault-acceptance/data-loss.ts';
import { startFake, startFakeWithSlowPlugin } from '../../support/fault-acceptance/fake.ts';

describeDataLoss(startFake);
describeDataLoss(startFakeWithSlowPlugin(20), '7 no byte is lost with a slow plugin', 10);
