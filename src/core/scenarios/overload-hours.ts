import { ANY_CALL, MESSAGES, RECOVERED } from './calls.ts';
import { claudeCodeIssue, type Scenario } from './scenario.ts';

export const overloadHours: Scenario = {
  name: 'overload-hours',
  summary: 'One model is overloaded for three hours; the others are healthy.',
  story: 'From 06:30 UTC on 18 March 2026, for more than three hours, with a green status page.',
  sources: [claudeCodeIssue(35704)],
  chosen: 'The share (100 %) and which model (`claude-opus-*`).',
  goodClient:
    'Stops within its budget of retries, or switches to another model; never retries in a tight loop.',
  phases: [
    {
      name: 'outage',
      for: '3h',
      summary: 'Every message to `claude-opus-*` gets 529 overloaded; other models answer.',
      rules: [
        { when: { ...MESSAGES, model: 'claude-opus-*' }, fault: 'overloaded' },
        { part: 'other', when: ANY_CALL, pass: true },
      ],
    },
    RECOVERED,
  ],
};
