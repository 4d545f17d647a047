/** The one argument of a process that `--workers` starts. Not a command of the table: it is nothing for users. */
export const WORKER = '__worker';
