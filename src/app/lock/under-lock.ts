/** Work under the lock of an application, which is given back however the work ends. */
import {CommandInterrupted} from '../../host/failures.ts';
import type {Host} from '../../host/host.ts';
import type {UndoStack} from '../../runner/undo.ts';
import {type HostLock, lockOnHost} from './host-lock.ts';

export interface LockRun {
  /** Who works, for whoever finds the host locked. */
  readonly owner: string;
  readonly signal: AbortSignal;
  readonly undo: UndoStack;
}

/**
 * Does it while nobody else does anything in `root`; the signal that it gets is aborted with the run's and when the lock
 * is lost. @throws what `lockOnHost` throws; FtaskError `LockLost` when that is what interrupted the work
 */
export async function underLock<Value>(
  host: Host,
  root: string,
  run: LockRun,
  work: (lock: HostLock, signal: AbortSignal) => Promise<Value>,
): Promise<Value> {
  const lock = await lockOnHost(host, root, run.owner);
  const giveBack = run.undo.push(`the lock of ${root} on ${host.name}`, () => lock.release());
  try {
    return await work(lock, AbortSignal.any([run.signal, lock.lost]));
  } catch (error) {
    const isLost = error instanceof CommandInterrupted && lock.lost.aborted && !run.signal.aborted;
    throw isLost ? lock.lost.reason : error;
  } finally {
    await giveBack.run();
  }
}
