/** Flags: what is shown and recorded. */
import type { Flag } from '../flag.ts';

export const RECORD_FLAGS: readonly Flag[] = [
  {
    name: '--log-format',
    key: 'log_format',
    argument: 'pretty|json',
    takes: 'text',
    default: 'pretty',
    group: 'What is shown and recorded',
    help: 'one line per call for people, or one JSON object per call',
  },
  {
    name: '--quiet',
    key: 'quiet',
    takes: 'switch',
    default: false,
    group: 'What is shown and recorded',
    help: 'one line at the start, warnings and the summary; nothing per call',
  },
  {
    name: '--verbose',
    key: 'verbose',
    takes: 'switch',
    default: false,
    group: 'What is shown and recorded',
    help: 'for each call also why it failed or passed, and connections without calls',
  },
  {
    name: '--event-log',
    key: 'event_log',
    argument: 'FILE',
    takes: 'text',
    isPath: true,
    defaultText: 'none',
    group: 'What is shown and recorded',
    help: 'record every event to FILE as JSON Lines; never keys, cookies or bodies',
    details:
      'An older event log is replaced; any other file is left as it is, and the start refused. A pipe, a terminal or `/dev/null` is written to as it is. If the log cannot be written to its end (a full disk, a file that was deleted, a reader that went away), the calls go on, and the run says so and ends with exit code 1 (`run` with that of its command). The last line of a log that is whole is a notice `run-ended`; where it is missing, `--replay` says so.',
  },
  {
    name: '--ready-file',
    key: 'ready_file',
    argument: 'FILE',
    takes: 'text',
    isPath: true,
    defaultText: 'none',
    group: 'What is shown and recorded',
    help: 'when ready, write a JSON object with url and ca (path) to FILE',
    details:
      'Written whole, in one step, and removed at the end. A pipe, a terminal or `/dev/null` is written to as it is; a symbolic link to a file is refused.',
  },
];
