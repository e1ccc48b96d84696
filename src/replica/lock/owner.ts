/** Who replicates: the process, in words and so that others on the same machine can tell whether it lives. */
import {readlinkSync} from 'node:fs';
import {hostname, userInfo} from 'node:os';
import {processMark} from '../../runner/lock/process-mark.ts';

export interface Owner {
  /** `root@backup1 process 4711`. */
  readonly name: string;
  /** The same for no other process of any machine; undefined where the system does not tell, as on macOS. */
  readonly process: string | undefined;
}

/** This process. */
export async function thisOwner(): Promise<Owner> {
  const pid = linkText('/proc/self');
  const name = `${userInfo().username}@${hostname()}`;
  const space = linkText('/proc/self/ns/pid');
  const mark = pid && (await processMark(Number(pid)));
  return {
    name: pid === undefined ? name : `${name} process ${pid}`,
    process: mark && space && `${space} ${pid} ${mark}`,
  };
}

/**
 * Whether it is gone for sure: it ran on this machine, since its last start and where process numbers mean the same, which
 * they do not in a container.
 */
export async function isGone(owner: Owner): Promise<boolean> {
  const [space, pid, mark = ''] = owner.process?.split(' ') ?? [];
  if (space === undefined || space !== linkText('/proc/self/ns/pid')) return false;
  const mine = await processMark(Number(linkText('/proc/self')));
  if (mine === undefined || bootOf(mine) !== bootOf(mark)) return false;
  return (await processMark(Number(pid))) !== mark;
}

function bootOf(mark: string): string | undefined {
  return mark.split('/', 1)[0];
}

function linkText(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}
