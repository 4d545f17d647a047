/** On the fake of fault; test/fault/real runs the same on a real one. */
import { describeCallerRules } from '../../support/fault-acceptance/caller-rules.ts';
import { startFake } from '../../support/fault-acceptance/fake.ts';

describeCallerRules((url, port) => startFake(url, port));
