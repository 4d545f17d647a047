/** On the fake of fault; test/fault/real runs the same on a real one. */

import { startFake } from '../../support/fault-acceptance/fake.ts';
import { describeFidelity } from '../../support/fault-acceptance/fidelity.ts';

describeFidelity(startFake, { large: 4, slow: false });
