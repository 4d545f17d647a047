/** What a body of a request to the Claude API says. */

export interface BodyFacts {
  /**
   * `none`: no body; `unread`: nobody asked for it; `held`: read whole; `truncated`: over the limit (matchers on the body do not match);
   * `unreadable`: an unknown coding or not JSON.
   */
  readonly state: 'none' | 'unread' | 'held' | 'truncated' | 'unreadable';
  /** The parsed JSON; undefined unless `state` is `held`. */
  readonly json: unknown;
  readonly model: string | undefined;
  readonly stream: boolean | undefined;
  readonly maxTokens: number | undefined;
}
