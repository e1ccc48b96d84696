/** Mounts a snapshot on an instance, for as long as somebody looks at it. */
import {findFilesystem} from '../../disk/filesystem/find-filesystem.ts';
import {letGo} from '../../disk/mount/let-go.ts';
import {mount} from '../../disk/mount/mount.ts';
import type {InstanceId, SnapshotId} from '../../ec2/ids.ts';
import {type Scratch, withScratch} from '../../ec2/scratch/scratch.ts';
import type {Undo} from '../../runner/undo.ts';
import {authorise, startTemporaryInstance} from '../../temporary/temporary-instance.ts';
import type {ReachedHost} from '../../temporary/temporary-tools.ts';
import {type CheckedSnapshot, checkInstance, checkSnapshot} from './check.ts';
import {checkMountPoint} from './check-mount-point.ts';
import type {MountedSnapshot, MountSnapshotRequest, MountTools} from './request.ts';

/**
 * Makes a volume of the snapshot, mounts it on the instance, and takes everything back when `whileMounted` has ended,
 * and on every other way out. Undefined in a dry run, which only checks.
 * @throws RefusedError before anything is made, when it cannot be
 */
export async function mountSnapshot(
  tools: MountTools,
  request: MountSnapshotRequest,
  whileMounted: (mounted: MountedSnapshot) => Promise<void>,
): Promise<MountedSnapshot | undefined> {
  const {run, temporary} = tools;
  const {region, snapshot: id} = request;
  const [snapshot, instance] = await Promise.all([
    checkSnapshot(tools, request),
    checkInstance(tools, request),
  ]);
  const existing = instance && {id: instance.id, zone: instance.zone, ...tools.existingHost(instance)};
  try {
    if (existing) await checkMountPoint(existing.host, mountPointOf(id));
    if (!request.dryRun) return await mountIt(tools, request, {snapshot, existing}, whileMounted);
    const where = existing?.id ?? `a temporary ${temporary.type}`;
    run.progress.note(`${id} (${snapshot.sizeGiB} GiB) would be mounted on ${where} in ${region}`);
    return undefined;
  } finally {
    await existing?.host.close();
  }
}

interface Checked {
  readonly snapshot: CheckedSnapshot;
  readonly existing: MountPlace | undefined;
}

interface MountPlace extends ReachedHost {
  readonly id: InstanceId;
  readonly zone: string;
  readonly hostKey?: string;
}

async function mountIt(
  tools: MountTools,
  request: MountSnapshotRequest,
  {snapshot, existing}: Checked,
  whileMounted: (mounted: MountedSnapshot) => Promise<void>,
): Promise<MountedSnapshot> {
  const {run, ec2, temporary} = tools;
  const {runId, signal, undo, progress} = run;
  const {region, snapshot: id, authorisedKey} = request;
  const group = progress.group(`${id} in ${region}`);
  const say = (text: string): void => group.say(text);
  const warn = (text: string): void => progress.warn(text);
  const options = {run: runId, expiryMs: temporary.expiryMs, signal, undo, say, warn};
  try {
    const row = await withScratch(ec2, region, options, async (scratch) => {
      await scratch.mayMakeVolume({
        snapshot: id,
        ...(existing && {zone: existing.zone}),
        ...(temporary.subnet !== undefined && !existing && {subnet: temporary.subnet}),
      });
      const place = existing ?? (await startTemporaryInstance(tools, scratch, say));
      if (authorisedKey !== undefined && !existing) await authorise(place.host, authorisedKey);
      const mounted = await mountOn(tools, request, {scratch, snapshot, place, say});
      await whileOf(mounted, {tools, isTemporary: !existing, say}, whileMounted);
      return mounted.row;
    });
    say('unmounted and removed');
    return row;
  } finally {
    group.close();
  }
}

interface Mounted {
  readonly row: MountedSnapshot;
  readonly place: MountPlace;
  readonly undo: Undo;
}

interface Parts {
  readonly scratch: Scratch;
  readonly snapshot: CheckedSnapshot;
  readonly place: MountPlace;
  readonly say: (text: string) => void;
}

async function mountOn(
  {run}: MountTools,
  {region, snapshot: id, partition, readOnly}: MountSnapshotRequest,
  {scratch, snapshot, place, say}: Parts,
): Promise<Mounted> {
  const {host, login, hostKey} = place;
  const volumeId = await scratch.volume({zone: place.zone, snapshot: id}, snapshot.isEncrypted);
  const attached = {volumeId, device: await scratch.attach(volumeId, place.id)};
  say(`mounting ${volumeId}`);
  const {clock, signal} = run;
  const {device, type} = await findFilesystem(host, attached, {partition, clock, signal});
  const mountPoint = mountPointOf(id);
  // Programs and devices of another system are nothing for the users of this one.
  const options = ['nodev', 'nosuid'];
  const undo = await mount(host, device, mountPoint, {type, readOnly, options, undo: run.undo});
  const where = {region, instanceId: place.id, volumeId, device, mountPoint};
  const row = {snapshotId: id, ...where, filesystem: type, login, ...(hostKey !== undefined && {hostKey})};
  return {row, place, undo};
}

function mountPointOf(id: SnapshotId): string {
  return `/mnt/ftask-${id}`;
}

interface Meanwhile extends Pick<Parts, 'say'> {
  readonly tools: MountTools;
  readonly isTemporary: boolean;
}

async function whileOf(
  {row, place, undo}: Mounted,
  {tools, isTemporary, say}: Meanwhile,
  whileMounted: (mounted: MountedSnapshot) => Promise<void>,
): Promise<void> {
  try {
    say(`mounted at ${row.mountPoint}`);
    await whileMounted(row);
  } finally {
    say('removing what is temporary');
    if (isTemporary) undo.keep();
    else await letGo(place.host, row.mountPoint, undo, (text) => tools.run.progress.warn(text));
  }
}
