import { ANY_CALL } from './calls.ts';
import type { Scenario } from './scenario.ts';

export const healthy: Scenario = {
  name: 'healthy',
  summary: 'Nothing fails: the baseline to compare the others with.',
  sources: [],
  chosen: 'Nothing.',
  goodClient: 'Makes one request for each call, and never sees an error.',
  phases: [{ name: 'healthy', summary: 'Every call passes.', rules: [{ when: ANY_CALL, pass: true }] }],
};
