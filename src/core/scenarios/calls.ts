/** Conditions that scenarios share. */

/** Every call. A path, so that a rule that lets calls pass says nothing of connections. */
export const ANY_CALL = { path: '/**' } as const;

/** Calls for a message, streamed or not. */
export const MESSAGES = { path: '/v1/messages' } as const;
export const STREAMS = { ...MESSAGES, stream: true } as const;

/** What stands at the end of most scenarios. */
export const RECOVERED = {
  name: 'recovered',
  summary: 'Every call passes.',
  rules: [{ when: ANY_CALL, pass: true }],
} as const;
