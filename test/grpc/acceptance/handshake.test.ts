/** On the fake of fault; test/fault/real runs the same on a real one. */

import { startFake } from '../../support/fault-acceptance/fake.ts';
import { describeHandshake } from '../../support/fault-acceptance/handshake.ts';

describeHandshake(startFake);
