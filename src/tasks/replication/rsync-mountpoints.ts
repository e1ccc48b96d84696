/** `ftask rsync_mountpoints` */
import {z} from 'zod';
import type {Context} from '../../context/context.ts';
import {checkDevices} from '../../replica/blocks/check-devices.ts';
import {copyDevice} from '../../replica/blocks/copy-device.ts';
import type {End, Way} from '../../replica/trees/channel.ts';
import {copyTree, planTree, type TreeCopy} from '../../replica/trees/copy-tree.ts';
import {flag, list, regions} from '../../runner/option.ts';
import {defineTask} from '../../runner/task.ts';
import {bytesText, counted} from '../../words.ts';
import {devicePathOf, type EndWish, type FoundEnd, findEnd, mountPointOf} from './copy-end.ts';

function instOption(text: string) {
  return z
    .string()
    .min(1)
    .describe(`${text}: the id of an instance, or a host as for -H.`)
    .meta({placeholder: 'INSTANCE', names: 'hosts'});
}

function volOption(text: string) {
  return z
    .string()
    .min(1)
    .optional()
    .describe(`${text}: its id, or the path of its device.`)
    .meta({placeholder: 'VOLUME'});
}

function mntOption(text: string) {
  return z.string().min(1).optional().describe(text).meta({placeholder: 'PATH'});
}

/** What became equal to what. */
export interface CopiedMountPoint {
  /** `i-0123456789abcdef0:/srv`; with --encr the device. */
  readonly source: string;
  readonly destination: string;
  readonly state: 'copied' | 'would copy';
  readonly files?: number;
  readonly bytes: number;
  /** On the wire, both ways. */
  readonly sentBytes?: number;
  readonly passes?: number;
  readonly seconds?: number;
  /** Of both devices. */
  readonly sha256?: string;
  /** Things that would be made, changed or deleted. */
  readonly changes?: number;
}

export const rsync_mountpoints = defineTask({
  summary: 'Make a mounted filesystem equal to one of another host.',
  description: `Copies attributes, hard links, ACLs, extended attributes, numeric owners, holes and the label; what the source has not is
deleted. Done means proved: a last pass that finds nothing to do, and the same number of files and bytes on both sides.
What replication.excludes names is left out on both.

  ftask rsync_mountpoints --src-inst i-0123456789abcdef0 --src-mnt /srv --dst-inst backup2 --dst-mnt /mnt/srv

The source logs in to the destination with a key that lives in memory, is good for this one command and is gone
afterwards; where it cannot get there, --through-controller lets the data go through ftask. Both users need sudo.
With --encr the volume is LUKS and stays closed: blocks that differ are sent, then both devices are read and compared.`,
  section: 'Replication',
  options: z.object({
    srcInst: instOption('Where the data is'),
    srcVol: volOption('The volume it is on'),
    srcMnt: mntOption('Where it is mounted; the only mount point of the volume by default.'),
    dstInst: instOption('Where it is to be'),
    dstVol: volOption('The volume that becomes equal'),
    dstMnt: mntOption('Where that is mounted; the only mount point of the volume by default.'),
    region: regions('Where the instances are looked for; all enabled regions by default.'),
    encr: flag('Copy the closed LUKS volume, block by block.'),
    throughController: flag('Let all data go through ftask; the hosts need not reach each other.'),
    allowVanished: flag('Files may vanish from the source meanwhile.'),
    checksum: flag('At the end compare the content of all files, not only sizes and times.'),
    exclude: list(z.string().min(1), 'Leave this out, too: a pattern as for rsync --exclude.').meta({
      placeholder: 'PATTERN',
      cut: 'never',
    }),
    dryRun: flag('Show how much would be copied; change nothing.'),
  }),
  lock: ({dstInst, dstMnt, dstVol}) => `rsync_mountpoints into ${dstInst} ${dstMnt ?? dstVol ?? ''}`,
  output: {
    id: ({destination}: CopiedMountPoint) => destination,
    columns: ['source', 'destination', 'state', 'files', 'bytes', 'seconds', 'sentBytes', 'passes'],
  },
  run: async (given, context: Context): Promise<CopiedMountPoint> => {
    const from = {side: 'src', inst: given.srcInst, vol: given.srcVol, mnt: given.srcMnt};
    const to = {side: 'dst', inst: given.dstInst, vol: given.dstVol, mnt: given.dstMnt};
    const [source, target] = await Promise.all([
      findEnd(context, from, given.region),
      findEnd(context, to, given.region),
    ]);
    const group = context.progress.group(`${source.host.name} to ${target.host.name}`);
    const say = (text: string): void => group.say(text);
    const way: Way = given.throughController ? 'through-controller' : 'direct';
    try {
      if (given.encr) return await copyBlocks(context, {from, to, source, target, way, say});
      const [srcMnt, dstMnt] = await Promise.all([mountPointOf(source, from), mountPointOf(target, to)]);
      const excludes = [...context.config.replication.excludes, ...given.exclude];
      return await copyFiles(context, {
        source: {...source, mountPoint: srcMnt},
        target: {...target, mountPoint: dstMnt},
        ...{way, excludes, say, allowVanished: given.allowVanished, checksum: given.checksum},
      });
    } finally {
      say('');
      group.close();
      await Promise.all([source.close(), target.close()]);
    }
  },
});

async function copyFiles(context: Context, copy: TreeCopy): Promise<CopiedMountPoint> {
  const tools = toolsOf(context);
  const {source, target} = copy;
  const names = {source: placeOf(source, source.mountPoint), destination: placeOf(target, target.mountPoint)};
  if (!context.dryRun) return {...names, state: 'copied', ...(await copyTree(tools, copy))};
  const {files, bytes, changes, sendBytes} = await planTree(tools, copy);
  const sent = `files of ${bytesText(sendBytes)} sent, as a whole or in part`;
  context.progress.note(
    changes === 0 ? 'nothing would change' : `${counted(changes, 'change')} would be made, ${sent}`,
  );
  return {...names, state: 'would copy', files, bytes, changes};
}

interface BlockCopy {
  readonly from: EndWish;
  readonly to: EndWish;
  readonly source: FoundEnd;
  readonly target: FoundEnd;
  readonly way: Way;
  readonly say: (text: string) => void;
}

async function copyBlocks(
  context: Context,
  {from, to, source, target, way, say}: BlockCopy,
): Promise<CopiedMountPoint> {
  const [given, taken] = await Promise.all([devicePathOf(source, from), devicePathOf(target, to)]);
  const ends = {source: {...source, device: given}, target: {...target, device: taken}};
  const names = {source: placeOf(source, given), destination: placeOf(target, taken)};
  if (context.dryRun) {
    const {bytes} = await checkDevices(ends.source, ends.target, {isOurs: false});
    return {...names, state: 'would copy', bytes};
  }
  const copied = await copyDevice(toolsOf(context), {...ends, way, say, isOurs: false});
  return {...names, state: 'copied', ...copied};
}

function toolsOf(context: Context) {
  return {run: context, keyPair: context.temporary.keyPair};
}

function placeOf({host}: End, path: string): string {
  return `${host.name}:${path}`;
}
