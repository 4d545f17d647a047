/** On the fake of fault; test/fault/real runs the same on a real one. */

import { startFake } from '../../support/fault-acceptance/fake.ts';
import { describeUploads } from '../../support/fault-acceptance/uploads.ts';

describeUploads(startFake, 1_000_000);
