/** What a body is checked for, besides itself. */
import type { ApiVersion } from '../api-version.ts';

export interface ParseContext {
  readonly endpoint: 'messages' | 'count_tokens';
  readonly version: ApiVersion;
  /** The `anthropic-beta` header. With one, fields and block types unknown here pass, since betas add such. */
  readonly beta: string | undefined;
}
