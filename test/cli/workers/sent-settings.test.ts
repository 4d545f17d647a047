import { describe, expect, it } from 'vitest';
import { received, sendable } from '../../../src/cli/workers/sent-settings.ts';
import { type Given, settings } from '../../config/support.ts';

describe('settings that are sent to a worker', () => {
  it.each<Given>([
    {},
    { flags: { '--upstream': 'mock', '--error-body': '{"a":1}' } },
    {
      flags: {
        '--upstream': 'https://gateway.test/v1/',
        '--upstream-proxy': 'http://user:pw@proxy.test:3128',
      },
    },
    {
      file: 'headers: { x-a: [b, c], x-b: null }\nretry_after: { date: 30 }\nrules: [{ when: { model: "a*" }, trigger: { probability: 0.25 }, fault: { kind: latency, delay: 1s } }]\n',
    },
  ])('arrive as they were, but for places in a file: %j', (given) => {
    const own = settings(given);
    // What Node's channel does to a message.
    const arrived = received(structuredClone(sendable(own)));
    expect(arrived).toEqual({ ...own, position: undefined });
  });
});
