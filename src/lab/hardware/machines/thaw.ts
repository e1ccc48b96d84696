/** Frozen filesystems: they hold the processes of an instance and its disks, even when nothing else is left of it. */
import {constants, open, readFile} from 'node:fs/promises';
import {setTimeout as delay} from 'node:timers/promises';
import {FtaskError} from '../../../errors.ts';
import {run} from '../run.ts';

const PATIENCE_MS = 300;
const LIMIT_MS = 15_000;

/** Thaws every disk's filesystem that a process of an instance sees, frozen or not; `root` is where the instance's root is. */
export async function thawAll(pid: number, root: string): Promise<void> {
  const mountPoints = diskMounts(await readFile(`/proc/${pid}/mountinfo`, 'utf8').catch(() => ''));
  if (mountPoints.length === 0) return;
  const paths = mountPoints.map((path) => root + path);
  await run(['nsenter', `--mount=/proc/${pid}/ns/mnt`, 'sh', '-c', THAW_EACH, 'thaw', ...paths]);
}

/**
 * Resolves when no filesystem holds the device. What was left frozen by processes that are gone is thawed, by a
 * mount of its own on the folder `mountPoint`, in a namespace of its own.
 * @throws FtaskError when something else holds it
 */
export async function released(device: string, mountPoint: string): Promise<void> {
  const start = performance.now();
  let isThawed = false;
  for (let waitMs = 4; await isHeld(device); waitMs = Math.min(waitMs * 2, 100)) {
    const waited = performance.now() - start;
    if (waited > LIMIT_MS) {
      throw new FtaskError(
        'DeviceHeld',
        `lab hardware: ${device} is still in use after its instance has ended`,
      );
    }
    if (waited > PATIENCE_MS && !isThawed) {
      isThawed = true;
      await thawLeftBehind(device, mountPoint);
    }
    await delay(waitMs);
  }
}

/** Where filesystems of disks are mounted. `/usr` is the machine's own, and not for an instance to thaw. */
function diskMounts(mountinfo: string): string[] {
  return mountinfo.split('\n').flatMap((line) => {
    const [mount = '', filesystem = ''] = line.split(' - ');
    const path = mount.split(' ')[4];
    const source = filesystem.split(' ')[1];
    return path && path !== '/usr' && source?.startsWith('/dev/') ? [unescaped(path)] : [];
  });
}

function unescaped(path: string): string {
  return path.replace(/\\([0-7]{3})/g, (_, code) => String.fromCharCode(Number.parseInt(code, 8)));
}

// To thaw what is not frozen fails, which is fine.
const THAW_EACH = 'for path; do fsfreeze -u "$path" 2>/dev/null || :; done';

/** A mounted filesystem has its device for itself alone: the kernel refuses all others who want that. */
async function isHeld(device: string): Promise<boolean> {
  try {
    const file = await open(device, constants.O_RDONLY | constants.O_EXCL);
    await file.close();
    return false;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EBUSY';
  }
}

async function thawLeftBehind(device: string, mountPoint: string): Promise<void> {
  const script = 'mount "$1" "$2"; fsfreeze -u "$2"';
  const namespace = ['unshare', '--mount', '--propagation', 'unchanged'] as const;
  await run([...namespace, 'sh', '-c', script, 'thaw', device, mountPoint]).catch(() => {});
}
