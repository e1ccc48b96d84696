/** A mounted filesystem on a host: what is known of it before it is copied. */
import {asRoot} from '../../disk/as-root.ts';
import {readLabel} from '../../disk/filesystem/label.ts';
import {hasLabel} from '../../disk/filesystem/label-rules.ts';
import {stackOf} from '../../disk/survey/block-devices.ts';
import {isReachable} from '../../disk/survey/mount-table.ts';
import {type Survey, survey} from '../../disk/survey/survey.ts';
import {RefusedError} from '../../errors.ts';
import {sh} from '../../host/command.ts';
import type {Host} from '../../host/host.ts';

export interface Tree {
  /** Without links, as the kernel calls it. */
  readonly mountPoint: string;
  readonly type: string;
  /** Undefined when it lies on no block device of the host's. */
  readonly device?: string;
  /** Undefined when this type has none. */
  readonly label?: string;
  /** The same on all paths to one filesystem, and on no other host. */
  readonly identity: string;
  readonly isReadOnly: boolean;
  readonly usedBytes: number;
  /** For root. */
  readonly freeBytes: number;
  readonly hasLostAndFound: boolean;
  /** Its inodes have room for whole seconds only, as those of old and of very small ext filesystems. */
  readonly hasCoarseTimes: boolean;
  /** `3.2.7`; undefined without rsync. */
  readonly rsync?: string;
  /** What it was not built with, of `ACLs` and `xattrs`. */
  readonly rsyncLacks: readonly string[];
}

/** What ext filesystems need to keep times of nanoseconds: https://docs.kernel.org/filesystems/ext4/inodes.html */
const SMALL_INODE = 128;

/** Changes nothing. @throws RefusedError `NotMounted`; SudoRefused, and what `Host.run` throws */
export async function lookAtTree(host: Host, path: string): Promise<Tree> {
  const [seen, facts] = await Promise.all([survey(host), readFacts(host, path)]);
  const mountPoint = facts.get('path') ?? path;
  const mount = seen.mounts.findLast((one) => one.mountPoint === mountPoint && isReachable(one, seen.mounts));
  if (!mount)
    throw new RefusedError('NotMounted', `${host.name}: ${path} is not a mount point`, {
      hint: 'Mount the filesystem first; what lies in a folder of another one is not copied by itself.',
    });
  const device = deviceOf(seen.devicesOf(mount)[0], seen);
  const [inodeSize, label] = await Promise.all([
    device !== undefined && mount.type.startsWith('ext') ? inodeSizeOf(host, device) : undefined,
    device !== undefined && hasLabel(mount.type) ? readLabel(host, device) : undefined,
  ]);
  const version = /rsync +version v?(\d+\.\d+\.\d+)/.exec(facts.get('rsync') ?? '')?.[1];
  const blockSize = Number(facts.get('blockSize'));
  return {
    mountPoint,
    type: mount.type,
    ...(device !== undefined && {device}),
    ...(label !== undefined && {label}),
    identity: `${facts.get('boot')} ${mount.number}`,
    isReadOnly: mount.readOnly || facts.get('writable') !== 'yes',
    usedBytes: (Number(facts.get('blocks')) - Number(facts.get('free'))) * blockSize,
    freeBytes: Number(facts.get('free')) * blockSize,
    hasLostAndFound: facts.get('lost') === 'yes',
    hasCoarseTimes: inodeSize !== undefined && inodeSize <= SMALL_INODE,
    ...(version !== undefined && {rsync: version}),
    rsyncLacks: ['ACLs', 'xattrs'].filter(
      (one) => !new RegExp(`[, ]${one}\\b`).test(facts.get('able') ?? ''),
    ),
  };
}

/** One look as root, which tells that sudo works, too. */
async function readFacts(host: Host, path: string): Promise<ReadonlyMap<string, string>> {
  const {stdout} = await host.run(
    asRoot(
      sh`real=$(readlink -f -- ${path}) && [ -d "$real" ] || exit 0
printf 'path %s\n' "$real"
stat -f -c 'blockSize %S
blocks %b
free %f' -- "$real"
printf 'boot %s\n' "$(cat /proc/sys/kernel/random/boot_id)"
if [ -w "$real" ]; then echo writable yes; fi
if [ -d "$real/lost+found" ]; then echo lost yes; fi
rsync --version 2>/dev/null | { read -r first && printf 'rsync %s\nable %s\n' "$first" "$(tr '\n' ' ')"; }
exit 0`,
      {reads: true, shownAs: `look at ${path}`},
    ),
  );
  const lines = stdout.split('\n').map((line) => line.split(/ (.*)/s));
  return new Map(lines.map(([name = '', value = '']) => [name, value]));
}

function deviceOf(number: string | undefined, seen: Survey): string | undefined {
  const device = seen.devices.flatMap(stackOf).find((one) => one.number === number);
  return device && seen.pathOf(device);
}

async function inodeSizeOf(host: Host, device: string): Promise<number | undefined> {
  const look = sh`tune2fs -l ${device} 2>/dev/null | sed -n 's/^Inode size: *//p'`;
  const {stdout} = await host.run(asRoot(look, {reads: true}));
  return Number(stdout) || undefined;
}
