/** On the fake of fault; test/fault/real runs the same on a real one. */
import { describeBrokenStreams } from '../../support/fault-acceptance/broken-streams.ts';
import { startFake } from '../../support/fault-acceptance/fake.ts';

describeBrokenStreams(startFake);
