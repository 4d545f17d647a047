/** On the fake of fault; test/fault/real runs the same on a real one. */
import { describeBrokenConnections } from '../../support/fault-acceptance/broken-connections.ts';
import { startFake } from '../../support/fault-acceptance/fake.ts';

describeBrokenConnections(startFake);
