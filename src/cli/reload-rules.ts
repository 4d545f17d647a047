/** `--watch`: a good change of the config file is armed for new calls, a bad one is refused and the rules stay. */
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { RuleStore } from '../app/rule-store.ts';
import type { GivenFlags } from '../config/layer.ts';
import { checkReload } from '../config/reload.ts';
import type { Settings } from '../config/settings.ts';
import { Problem } from '../core/problem.ts';
import type { EventBus } from '../observe/bus.ts';
import { ruleSettings } from './arm-run.ts';
import type { Io } from './io.ts';
import { settingsOf } from './settings-of.ts';
import { watchFile } from './watch-file.ts';

export interface Reloading {
  readonly flags: GivenFlags;
  readonly settings: Settings;
  readonly rules: RuleStore;
  readonly io: Io;
  readonly bus: EventBus;
}

/** @throws Problem `bad-option` without a file to watch, or with one that can be read only once */
export function checkWatch(flags: GivenFlags, settings: Settings, cwd: string): void {
  if (!settings.watch) return;
  const file = configFile(flags);
  if (file === undefined)
    throw new Problem('bad-option', '--watch has no file to watch: name it with --config FILE');
  if (statSync(resolve(cwd, file), { throwIfNoEntry: false })?.isFile() === false)
    throw new Problem(
      'bad-option',
      `--watch cannot watch ${file}, which is no regular file: leave --watch out`,
    );
  if (settings.replay !== undefined)
    throw new Problem(
      'bad-option',
      '--watch and --replay ask for opposite things, rules that change and decisions that do not: give one of them',
    );
}

/** Starts watching. @returns a function that ends it */
export function reloadOnChange({ flags, settings, rules, io, bus }: Reloading): () => void {
  const name = configFile(flags)!;
  let times = 0;
  let queue: Promise<void> = Promise.resolve();
  const notice = (code: string, message: string): void =>
    bus.emit({ v: 1, type: 'notice', at: Date.now(), code, message });
  const reload = async (): Promise<void> => {
    times += 1;
    try {
      const next = await settingsOf(flags, io);
      checkReload(settings, next);
      const kept = rules.replace(next.rules, ruleSettings(next));
      const { names } = rules;
      notice(
        'rules-reloaded',
        `change ${times} of ${name} is armed: ${names.length} ${names.length === 1 ? 'rule' : 'rules'}, ${kept.length} as before`,
      );
    } catch (error) {
      const { message } = Problem.from(error);
      notice('reload-refused', `change ${times} of ${name} is refused, the rules stay: ${message}`);
    }
  };
  return watchFile(resolve(io.cwd, name), () => {
    queue = queue.then(reload);
  });
}

function configFile(flags: GivenFlags): string | undefined {
  const named = flags.get('--config');
  return Array.isArray(named) ? (named.at(-1) as string) : undefined;
}
