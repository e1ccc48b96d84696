/** Whether a device holds anything at all: the guard in front of everything that overwrites. */
import {RefusedError} from '../../errors.ts';
import {sh} from '../../host/command.ts';
import type {Host} from '../../host/host.ts';
import {asRoot} from '../as-root.ts';
import {deviceAt, mountedOn} from '../survey/mounted-filesystems.ts';
import {type Survey, survey} from '../survey/survey.ts';
import {NoBlockDevice} from './content.ts';

/** The device holds something, so nothing was written to it. */
export class DeviceNotEmpty extends RefusedError {
  constructor(host: string, device: string, reasons: readonly string[]) {
    super('DeviceNotEmpty', `${host}: ${device} is not empty: ${reasons.join(', ')}`, {
      hint: 'only a device that holds nothing is formatted; nothing was written',
    });
  }
}

const LOOKED_AT_BYTES = 1024 ** 2;

/**
 * Passes when nobody uses the device, no signature of anything is on it, and its first MiB is zeros.
 * @throws DeviceNotEmpty with every reason, NoBlockDevice
 */
export async function requireEmpty(host: Host, device: string): Promise<void> {
  const uses = usesOf(host, device, await survey(host));
  if (uses.length > 0) throw new DeviceNotEmpty(host.name, device, uses);
  const {stdout} = await host.run(
    asRoot(sh`wipefs --no-act --parsable ${device} || exit
echo bytes,$(head -c ${LOOKED_AT_BYTES} ${device} | tr -d '\\000' | wc -c)`),
    {reads: true},
  );
  const traces = tracesIn(stdout);
  if (traces.length > 0) throw new DeviceNotEmpty(host.name, device, traces);
}

function usesOf(host: Host, path: string, seen: Survey): string[] {
  const device = deviceAt(path, seen);
  if (!device) throw new NoBlockDevice(host.name, path);
  const {mounts, hidden} = mountedOn([device], seen);
  const built = device.children.map(({name, type}) => `${name} (${type}) is on it`);
  return [
    ...[...mounts, ...hidden].map(({mountPoint}) => `mounted at ${mountPoint}`),
    ...(seen.swaps.includes(device.number) ? ['in use as swap'] : []),
    ...built,
  ];
}

/** Lines of wipefs are `offset,uuid,label,type`. */
function tracesIn(text: string): string[] {
  const rows = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  const signatures = rows.flatMap((row) => (row.startsWith('0x') ? [row.split(',').at(-1) ?? ''] : []));
  if (signatures.length > 0) return [`it holds ${[...new Set(signatures)].join(' and ')}`];
  return rows.at(-1) === 'bytes,0' ? [] : ['its first MiB is not all zeros'];
}
