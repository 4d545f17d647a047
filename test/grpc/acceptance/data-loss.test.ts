/** On the fake of fault; test/fault/real runs the same on a real one. */
import { describeDataLoss } from '../../support/fault-acceptance/data-loss.ts';
import { startFake } from '../../support/fault-acceptance/fake.ts';

describeDataLoss(startFake);
