/** One look at all that a host has of disks: devices, nodes, mounts, swap. */
import {type CommandOptions, sh} from '../../host/command.ts';
import type {Host} from '../../host/host.ts';
import {unescapeOctal} from '../escaped-bytes.ts';
import {type BlockDevice, isDeviceMapper, LSBLK_COLUMNS, parseLsblk, stackOf} from './block-devices.ts';
import {DeviceNodes} from './device-nodes.ts';
import {type Mount, parseMountTable} from './mount-table.ts';

export interface Survey {
  /** Those that are not built on others. */
  readonly devices: readonly BlockDevice[];
  readonly nodes: DeviceNodes;
  readonly mounts: readonly Mount[];
  /** Numbers of the devices that each mount writes to; of a btrfs all its members. None for tmpfs and the like. */
  devicesOf(mount: Mount): readonly string[];
  /** Numbers of the devices that hold swap. */
  readonly swaps: readonly string[];
  /** A path that leads to a device on this host. */
  pathOf(device: BlockDevice): string;
}

const SECTION = '--- ftask: ';

// A disk may vanish between the listing and the look at it, so the complaints of stat and grep mean nothing.
const SCRIPT = sh`LC_ALL=C; PATH="$PATH:/usr/sbin:/sbin"; export LC_ALL PATH
echo ${`${SECTION}devices`}
lsblk --json --output ${LSBLK_COLUMNS} || exit
echo ${`${SECTION}nodes`}
find /dev -xdev '(' -type b -o -type l ')' -exec stat -L -c '%F %t:%T %n' '{}' + 2>/dev/null
echo ${`${SECTION}btrfs`}
grep -H . /sys/fs/btrfs/*/devices/*/dev 2>/dev/null
echo ${`${SECTION}mounts`}
cat /proc/self/mountinfo || exit
echo ${`${SECTION}swaps`}
cat /proc/swaps 2>/dev/null
exit 0`.with({reads: true, shownAs: 'look at disks and mounts (lsblk, /proc/self/mountinfo, /proc/swaps)'});

/** Looks once, needs no root and changes nothing. @throws UnreadableDevices, and what `Host.run` throws */
export async function survey(host: Host, options: CommandOptions = {}): Promise<Survey> {
  const {stdout} = await host.run(SCRIPT, options);
  const sections = sectionsOf(stdout);
  const section = (name: string): string => sections.get(name) ?? '';
  const devices = parseLsblk(section('devices'));
  const nodes = new DeviceNodes(section('nodes'));
  const btrfs = btrfsMembers(section('btrfs'));
  const named = new Map(
    devices.flatMap(stackOf).flatMap((device) => namesOf(device).map((path) => [path, device.number])),
  );
  const numberOf = (path: string): string | undefined => nodes.numberOf(path) ?? named.get(path);
  return {
    devices,
    nodes,
    mounts: parseMountTable(section('mounts')),
    devicesOf: ({number, source}) => {
      if (!number.startsWith('0:')) return [number];
      const backing = numberOf(source);
      if (backing === undefined) return [];
      return btrfs.find((members) => members.includes(backing)) ?? [backing];
    },
    swaps: parseSwaps(section('swaps')).flatMap((path) => numberOf(path) ?? []),
    pathOf: (device) => {
      const usual = namesOf(device).find((path) => nodes.numberOf(path) === device.number);
      return usual ?? nodes.pathOf(device.number) ?? `/dev/${device.kernelName}`;
    },
  };
}

function sectionsOf(text: string): Map<string, string> {
  return new Map(
    text.split(new RegExp(`^${SECTION}`, 'm')).map((part) => {
      const end = part.indexOf('\n');
      return [part.slice(0, end), part.slice(end + 1)];
    }),
  );
}

/** The name that people gave comes first. */
function namesOf(device: BlockDevice): string[] {
  const {name, kernelName} = device;
  return [...(isDeviceMapper(device) ? [`/dev/mapper/${name}`] : []), `/dev/${kernelName}`];
}

/** A btrfs can lie on several devices, of which the mount table names one. */
function btrfsMembers(text: string): string[][] {
  const members = new Map<string, string[]>();
  for (const [, id = '', number = ''] of text.matchAll(/^\/sys\/fs\/btrfs\/([^/]+)\/.*:(\d+:\d+)$/gm))
    members.set(id, [...(members.get(id) ?? []), number]);
  return [...members.values()];
}

function parseSwaps(text: string): string[] {
  return text
    .split('\n')
    .slice(1)
    .flatMap((line) => {
      const [path, type] = line.split(/\s+/);
      return path && type === 'partition' ? [unescapeOctal(path)] : [];
    });
}
