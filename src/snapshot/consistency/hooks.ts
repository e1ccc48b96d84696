/** Runs what applications need around a freeze. */
import type {Instance} from '../../ec2/instances.ts';
import {FtaskError} from '../../errors.ts';
import {shellText} from '../../host/command.ts';
import {CommandFailed} from '../../host/failures.ts';
import type {Host} from '../../host/host.ts';
import type {Hook} from './request.ts';

/** A hook did not do what it is there for. */
export class HookFailed extends FtaskError {
  constructor(when: HookTime, cause: FtaskError) {
    super('HookFailed', cause.message, {
      hint: cause instanceof CommandFailed ? `See consistency.${when} of the configuration.` : cause.hint,
      cause,
    });
  }
}

export type HookTime = 'before' | 'after';

/** Those that are for an instance, in their order. */
export function hooksFor({tags}: Pick<Instance, 'tags'>, hooks: readonly Hook[]): Hook[] {
  return hooks.filter(({tag}) => tag === undefined || tags[tag.name] === tag.value);
}

/**
 * Runs hooks one after another and returns what failed: those before the freeze until one does; those after it all,
 * whatever happened, Ctrl-C included.
 */
export async function runHooks(when: HookTime, host: Host, hooks: readonly Hook[]): Promise<HookFailed[]> {
  const failures: HookFailed[] = [];
  for (const hook of hooks) {
    const failure = await failureOf(when, host, hook);
    if (failure) failures.push(failure);
    if (failure && when === 'before') break;
  }
  return failures;
}

async function failureOf(when: HookTime, host: Host, hook: Hook): Promise<HookFailed | undefined> {
  const {run, user, timeoutMs, name} = hook;
  try {
    await host.run(shellText(run), {
      timeoutMs,
      shownAs: `the hook ${name} ${when} the freeze`,
      undoes: when === 'after',
      ...(user !== undefined && {sudo: user}),
    });
    return undefined;
  } catch (error) {
    if (error instanceof FtaskError) return new HookFailed(when, error);
    throw error;
  }
}
