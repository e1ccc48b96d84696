/** The processes of a freeze on this machine. */
import {readdirSync, readFileSync, readlinkSync} from 'node:fs';
import {setTimeout as delay} from 'node:timers/promises';

export interface FreezeProcess {
  readonly pid: number;
  readonly session: number;
  readonly words: readonly string[];
  /** Its root folder, as this machine calls it. */
  readonly root: string;
}

/**
 * All processes of the freeze of a mount point, or of a root: sudo and the shells around its script, and the session
 * that guards it. None is a zombie.
 */
export function freezeProcesses(mountPoint: string): FreezeProcess[] {
  const all = readdirSync('/proc').flatMap(processOf);
  const own = all.filter(({words, root}) => root === mountPoint || isScriptFor(words, mountPoint));
  const guards = own.filter(({words}) => words.includes(mountPoint));
  const sessions = new Set(guards.map(({session}) => session));
  return all.filter((each) => own.includes(each) || sessions.has(each.session));
}

/** Those in the session that guards the freeze. */
export function guardOf(mountPoint: string): FreezeProcess[] {
  const all = freezeProcesses(mountPoint);
  return all.filter(({session}) => session === sleeperOf(mountPoint)?.session);
}

/** The `sleep` that thaws by its end. */
export function sleeperOf(mountPoint: string): FreezeProcess | undefined {
  return freezeProcesses(mountPoint).find(({words}) => words.includes('sleep'));
}

/** Sends a signal to each that is still there. */
export function killEach(processes: readonly FreezeProcess[], signal: NodeJS.Signals): void {
  for (const {pid} of processes) {
    try {
      process.kill(pid, signal);
    } catch {
      // It ended when another of them did.
    }
  }
}

/** Resolves when none of these is left, nor any other of the same freeze. */
export async function untilGone(mountPoint: string, seen: readonly FreezeProcess[]): Promise<void> {
  const isLeft = () => seen.some(({pid, words}) => processOf(String(pid))[0]?.words.join() === words.join());
  while (isLeft() || freezeProcesses(mountPoint).length > 0) await delay(20);
}

function isScriptFor(words: readonly string[], mountPoint: string): boolean {
  const script = words.find((word) => word.includes('freeze_steps'));
  return script !== undefined && (script.includes(mountPoint) || words.includes(mountPoint));
}

function processOf(entry: string): FreezeProcess[] {
  if (!/^\d+$/.test(entry)) return [];
  try {
    const stat = readFileSync(`/proc/${entry}/stat`, 'utf8');
    const session = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[3]);
    const words = readFileSync(`/proc/${entry}/cmdline`, 'utf8').split('\0').slice(0, -1);
    if (words.length === 0) return [];
    return [{pid: Number(entry), session, words, root: readlinkSync(`/proc/${entry}/root`)}];
  } catch {
    return [];
  }
}
