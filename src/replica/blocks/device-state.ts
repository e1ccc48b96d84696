/** What has to be known of a device before anything is read from it or written to it. */
import {asRoot} from '../../disk/as-root.ts';
import {NoBlockDevice} from '../../disk/filesystem/content.ts';
import {type BlockDevice, stackOf} from '../../disk/survey/block-devices.ts';
import {deviceAt, mountedOn} from '../../disk/survey/mounted-filesystems.ts';
import {type Survey, survey} from '../../disk/survey/survey.ts';
import {sh} from '../../host/command.ts';
import type {Host} from '../../host/host.ts';

export interface DeviceState {
  /** Path of the node itself: rsync would take a link for what is to be written. */
  readonly node: string;
  readonly bytes: number;
  readonly isReadOnly: boolean;
  /** Which device of which running kernel: equal for two names of one device. */
  readonly identity: string;
  /** Of an EBS volume its id; equal on all instances that it is attached to. */
  readonly serial?: string;
  /** Who uses it, in words; empty when nobody does. Readers do no harm. */
  readonly uses: readonly string[];
}

const NO_DEVICE = 66;

/** Looks, and changes nothing. @throws NoBlockDevice, and what `survey` throws */
export async function stateOf(host: Host, path: string): Promise<DeviceState> {
  const look = sh`node=$(readlink -f -- ${path}) && [ -b "$node" ] || exit ${NO_DEVICE}
number=$(stat -c %t:%T -- "$node")
echo "node $node"
echo "bytes $(blockdev --getsize64 "$node")"
echo "readonly $(blockdev --getro "$node")"
echo "identity $(cat /proc/sys/kernel/random/boot_id) $number"
find /proc/[0-9]*/fd -type l -exec stat -L -c '%F %t:%T %n' '{}' + 2>/dev/null |
sed -n "s|^block special file $number /proc/\\([0-9]*\\)/fd/\\([0-9]*\\)$|\\1 \\2|p" |
while read -r process fd; do
  grep -qs '^flags:.*[12]$' "/proc/$process/fdinfo/$fd" &&
    echo "writer $(cat "/proc/$process/comm") (process $process)"
done 2>/dev/null
exit 0`;
  const {stdout, code} = await host.run(asRoot(look), {
    reads: true,
    accept: [0, NO_DEVICE],
    shownAs: `look at ${path} and who writes to it`,
  });
  if (code === NO_DEVICE) throw new NoBlockDevice(host.name, path);
  const fields = (key: string): string[] =>
    stdout.split('\n').flatMap((line) => (line.startsWith(`${key} `) ? [line.slice(key.length + 1)] : []));
  const [node = path] = fields('node');
  const seen = await survey(host);
  const device = deviceAt(node, seen);
  if (!device) throw new NoBlockDevice(host.name, path);
  const written = [...new Set(fields('writer'))].map((who) => `${who} writes to it`);
  return {
    node,
    bytes: Number(fields('bytes')[0]),
    isReadOnly: fields('readonly')[0] !== '0',
    identity: fields('identity')[0] ?? '',
    ...(device.serial !== undefined && {serial: device.serial}),
    uses: [...usesOf(device, seen), ...written],
  };
}

/** What is on partitions counts as well; that there are some does not. */
function usesOf(device: BlockDevice, seen: Survey): string[] {
  const stack = stackOf(device);
  const {mounts, hidden} = mountedOn(stack, seen);
  const others = stack.filter((one) => one !== device);
  return [
    ...[...mounts, ...hidden].map(({mountPoint}) => `mounted at ${mountPoint}`),
    ...(stack.some(({number}) => seen.swaps.includes(number)) ? ['in use as swap'] : []),
    ...others.flatMap(({name, type}) => (type === 'part' ? [] : [`open as ${name} (${type})`])),
  ];
}
