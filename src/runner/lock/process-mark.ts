/** What tells a process from a later one that got the same number. */
import {execFile} from 'node:child_process';
import {readFileSync} from 'node:fs';
import {promisify} from 'node:util';

/** The same text as long as the process lives, on this machine and since its last start; undefined when it is gone. */
export async function processMark(pid: number): Promise<string | undefined> {
  const boot = readText('/proc/sys/kernel/random/boot_id');
  return boot === undefined ? psMark(pid) : procMark(pid, boot);
}

/** https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html: the name in field 2 may hold spaces and brackets. */
function procMark(pid: number, boot: string): string | undefined {
  const stat = readText(`/proc/${pid}/stat`);
  const [state, ...rest] = stat?.slice(stat.lastIndexOf(')') + 2).split(' ') ?? [];
  const startedAt = rest[18];
  return state === undefined || state === 'Z' ? undefined : `${boot}/${startedAt}`;
}

/** Where there is no /proc, as on macOS. */
async function psMark(pid: number): Promise<string | undefined> {
  try {
    const {stdout} = await promisify(execFile)('ps', ['-o', 'lstart=', '-p', String(pid)]);
    return stdout.trim() || undefined;
  } catch {
    return undefined;
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return undefined;
  }
}
