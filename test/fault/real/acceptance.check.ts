/**
 * The acceptance tests on a real fault. Run by hand, or where there is one:
 * `FAULT_BIN=/path/to/fault npx vitest run --config test/fault/real/vitest.config.ts`
 */
import { describe } from 'vitest';
import { describeAborts } from '../../support/fault-acceptance/aborts.ts';
import { describeBrokenConnections } from '../../support/fault-acceptance/broken-connections.ts';
import { describeBrokenStreams } from '../../support/fault-acceptance/broken-streams.ts';
import { describeCallerRules } from '../../support/fault-acceptance/caller-rules.ts';
import { describeCatalogue } from '../../support/fault-acceptance/catalogue.ts';
import { describeDataLoss } from '../../support/fault-acceptance/data-loss.ts';
import { describeFidelity } from '../../support/fault-acceptance/fidelity.ts';
import { describeGracefulStops } from '../../support/fault-acceptance/graceful-stops.ts';
import { describeHandshake } from '../../support/fault-acceptance/handshake.ts';
import { describeInjected } from '../../support/fault-acceptance/injected.ts';
import { describeRestarts } from '../../support/fault-acceptance/restarts.ts';
import { describeSlowAnswers } from '../../support/fault-acceptance/slow-answers.ts';
import { describeUploads } from '../../support/fault-acceptance/uploads.ts';
import { findFault } from './find-fault.ts';
import { startReal } from './real-fault.ts';

const fault = findFault();
const found = typeof fault !== 'string';
process.stdout.write(found ? `Trying ${fault.version} (${fault.file}).\n` : `Skipped as a whole. ${fault}\n`);

describe.skipIf(!found)(found ? fault.version : `a real fault: skipped. ${fault}`, () => {
  const start = startReal(found ? fault.file : '');
  describeCallerRules(start);
  describeHandshake(start);
  describeInjected(start);
  describeFidelity(start);
  describeUploads(start);
  describeDataLoss(start);
  describeAborts(start);
  describeCatalogue(start);
  describeBrokenStreams(start);
  describeSlowAnswers(start);
  describeBrokenConnections(start);
  describeRestarts(start);
  describeGracefulStops(start);
});
