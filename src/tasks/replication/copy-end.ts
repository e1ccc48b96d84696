/** What the operator means by an instance, a volume and a mount point. */
import type {Context} from '../../context/context.ts';
import {deviceAt, mountedOn} from '../../disk/survey/mounted-filesystems.ts';
import {survey} from '../../disk/survey/survey.ts';
import {type AttachedVolume, volumeUses} from '../../disk/volume-device.ts';
import {type InstanceId, isInstanceId, isVolumeId, type Region} from '../../ec2/ids.ts';
import {findInstance, type Instance} from '../../ec2/instances.ts';
import {chooseRegions} from '../../ec2/regions.ts';
import {RefusedError, UsageError} from '../../errors.ts';
import {instanceTarget} from '../../fleet/instance-target.ts';
import type {End} from '../../replica/trees/channel.ts';

/** One side, as it is said on the command line. */
export interface EndWish {
  /** How its options begin: `src`, `dst`. */
  readonly side: string;
  readonly inst: string;
  readonly vol?: string | undefined;
  readonly mnt?: string | undefined;
}

export interface FoundEnd extends End {
  readonly instance?: Instance;
  /** Closes what was opened for it. */
  close(): Promise<void>;
}

/** The host that is meant, not connected yet. @throws UsageError when there is no such instance, or it does not run */
export async function findEnd(
  context: Context,
  {side, inst}: EndWish,
  region: string | undefined,
): Promise<FoundEnd> {
  const {reach, config} = context;
  const reachOf = async (target: string) => {
    const {hostName: address, port, user} = (await reach.explain(target)).settings;
    return {address, port, user};
  };
  if (!isInstanceId(inst))
    return {host: context.host(inst), reach: await reachOf(inst), close: async () => {}};
  const {instance, where} = await instanceOf(context, inst, region);
  if (instance.state !== 'running') {
    throw new RefusedError('NotRunning', `--${side}-inst: ${inst} is ${instance.state}`, {
      hint: 'Start it first.',
    });
  }
  const host = context.instanceHost(instance, where);
  const target = instanceTarget(instance, where, config);
  return {host, instance, reach: await reachOf(target), close: () => host.close()};
}

/** The mount point that is named, or the only one of the volume. @throws UsageError, RefusedError */
export async function mountPointOf(end: FoundEnd, {side, vol, mnt}: EndWish): Promise<string> {
  if (vol === undefined && mnt !== undefined) return mnt;
  if (vol === undefined)
    throw new UsageError(
      'NoMountPoint',
      `--${side}-mnt is missing: which filesystem of ${end.host.name} is meant?`,
    );
  const mounts = await mountsOf(end, {side, vol});
  if (mnt !== undefined) {
    if (mounts.includes(mnt)) return mnt;
    throw new RefusedError('OtherVolume', `${end.host.name}: what is mounted at ${mnt} is not of ${vol}`, {
      hint: `It has ${mounts.join(', ') || 'nothing mounted'}.`,
    });
  }
  const [only, second] = mounts;
  if (only !== undefined && second === undefined) return only;
  throw new RefusedError(
    'NoMountPoint',
    `${end.host.name}: ${vol} is mounted at ${mounts.join(', ') || 'no place'}`,
    {
      hint:
        only === undefined
          ? 'Mount it first, or copy it closed: --encr.'
          : `Say which is meant: --${side}-mnt.`,
    },
  );
}

/** The device of the volume. @throws UsageError when none is named; DeviceNotFound */
export async function devicePathOf(end: FoundEnd, {side, vol, mnt}: EndWish): Promise<string> {
  if (mnt !== undefined)
    throw new UsageError('IdleOption', `--${side}-mnt is not for --encr: the volume is copied closed`);
  if (vol === undefined)
    throw new UsageError('NoVolume', `--${side}-vol is missing: which volume of ${end.host.name} is meant?`);
  if (vol.startsWith('/')) return vol;
  const [use] = await volumeUses(end.host, [attached(end, {side, vol})]);
  return use?.device ?? '';
}

interface Volume {
  readonly side: string;
  readonly vol: string;
}

async function mountsOf(end: FoundEnd, {side, vol}: Volume): Promise<readonly string[]> {
  const {host} = end;
  if (!vol.startsWith('/')) {
    const [use] = await volumeUses(host, [attached(end, {side, vol})]);
    return use?.mounts.map(({mountPoint}) => mountPoint) ?? [];
  }
  const seen = await survey(host);
  const device = deviceAt(vol, seen);
  if (!device) throw new RefusedError('NoBlockDevice', `${host.name}: there is no block device ${vol}`);
  return mountedOn([device], seen).mounts.map(({mountPoint}) => mountPoint);
}

/** As EC2 knows it. */
function attached({host, instance}: FoundEnd, {side, vol}: Volume): AttachedVolume {
  if (!isVolumeId(vol)) {
    throw new UsageError(
      'BadVolume',
      `--${side}-vol: ${vol} is neither the id of a volume nor the path of a device`,
    );
  }
  if (!instance) {
    throw new UsageError('NoInstance', `--${side}-vol: what ${vol} is on ${host.name} is not known`, {
      hint: `Give the id of the instance in --${side}-inst, or the path of the device in --${side}-vol.`,
    });
  }
  const found = instance.volumes.find(({id}) => id === vol);
  if (found) return {volumeId: found.id, device: found.device};
  throw new RefusedError('NotAttached', `${vol} is not attached to ${instance.id}`, {
    hint: `It has ${instance.volumes.map(({id}) => id).join(', ') || 'no volumes'}.`,
  });
}

async function instanceOf(
  context: Context,
  id: string,
  region: string | undefined,
): Promise<{readonly instance: Instance; readonly where: Region}> {
  const {config, signal} = context;
  const ec2 = await context.ec2();
  const choice = {allowed: config.aws.regions, ...(region !== undefined && {wanted: [region]})};
  const regions = await chooseRegions(ec2, choice, signal);
  const looks = regions.map(async (where) => {
    const instance = await findInstance(ec2, where, id as InstanceId, signal);
    return instance && {instance, where};
  });
  const found = (await Promise.all(looks)).find((one) => one !== undefined);
  if (found) return found;
  throw new RefusedError('NoInstance', `there is no instance ${id} in ${regions.join(', ')}`, {
    hint: 'Check the id, and --region.',
  });
}
