/** On the fake of fault; test/fault/real runs the same on a real one. */
import { describeAborts } from '../../support/fault-acceptance/aborts.ts';
import { startFake } from '../../support/fault-acceptance/fake.ts';

describeAborts(startFake);
