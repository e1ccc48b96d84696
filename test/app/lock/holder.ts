/** Which process holds the lock of an application. */
import {readdirSync, readlinkSync} from 'node:fs';

/** The process that has the file of the lock open. */
export function holderOf(lock: string): number {
  const isHolder = (pid: string) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/9`) === lock;
    } catch {
      return false;
    }
  };
  return Number(readdirSync('/proc').find(isHolder));
}
