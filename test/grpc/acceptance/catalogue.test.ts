/** On the fake of fault; test/fault/real runs the same on a real one. */
import { describeCatalogue } from '../../support/fault-acceptance/catalogue.ts';
import { startFake } from '../../support/fault-acceptance/fake.ts';

describeCatalogue(startFake);
