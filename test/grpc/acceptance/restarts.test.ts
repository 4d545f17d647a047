/** On the fake of fault; test/fault/real runs the same on a real one. */
import { startFake } from '../../support/fault-acceptance/fake.ts';
import { describeRestarts } from '../../support/fault-acceptance/restarts.ts';

describeRestarts(startFake);
