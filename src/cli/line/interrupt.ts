/** Ctrl-C and its relatives: the first asks the run to stop and clean up, the second ends the process. */
import {setMaxListeners} from 'node:events';
import {InterruptedError} from '../../errors.ts';
import {signalExitCode} from '../exit-code.ts';
import type {World} from '../world.ts';

export interface Interrupt {
  readonly signal: AbortSignal;
  /** The signal that came, if one did. */
  readonly by: NodeJS.Signals | undefined;
  /** As if the signal had come: Ctrl-C that a terminal gave as a key. */
  press(signal: NodeJS.Signals): void;
  /** Stops the run as the first signal does, for another reason. */
  stop(reason: unknown): void;
  /** Leaves further signals to the process's own defaults. */
  ignore(): void;
}

export interface InterruptTalk {
  /** The first signal came. */
  readonly onFirst: (signal: NodeJS.Signals) => void;
  /** The process is about to be ended as it is. */
  readonly onSecond: () => void;
}

/** Listens to the process's signals until `ignore` is called. */
export function listenForInterrupt(
  world: Pick<World, 'onSignal' | 'exitNow'>,
  talk: InterruptTalk,
): Interrupt {
  const controller = new AbortController();
  // Everything under way listens to it; by default Node takes more than ten for a leak and says so.
  setMaxListeners(0, controller.signal);
  let by: NodeJS.Signals | undefined;
  const press = (signal: NodeJS.Signals) => {
    if (by !== undefined) {
      talk.onSecond();
      world.exitNow(signalExitCode(by));
      return;
    }
    by = signal;
    talk.onFirst(signal);
    controller.abort(new InterruptedError(signal));
  };
  const ignore = world.onSignal(press);
  return {
    signal: controller.signal,
    get by() {
      return by;
    },
    press,
    stop: (reason) => controller.abort(reason),
    ignore,
  };
}
