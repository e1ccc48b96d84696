/** Core options that a task has as its own, too: it gets their values. */
import type {OptionSpec} from '../../runner/option-spec.ts';
import type {TaskSpec} from '../../runner/task-spec.ts';
import {CORE_GROUPS} from '../core-options.ts';
import type {CoreWord} from './slice.ts';

/** A value for an option of a task that was not typed behind it. */
export interface SharedWord {
  readonly option: OptionSpec;
  readonly text: string;
}

/** What the core options of a line say to a task: `ftask --dry-run trim` is `ftask trim --dry-run`. */
export function sharedWords(words: readonly CoreWord[], task: TaskSpec): SharedWord[] {
  const shared = CORE_GROUPS.filter(({isShared}) => isShared).flatMap(({options}) => options);
  return words
    .filter(({spec}) => shared.includes(spec))
    .flatMap(({spec, text}) => {
      const option = task.options.find(({name, positional}) => name === spec.name && !positional);
      return option ? [{option, text}] : [];
    });
}
