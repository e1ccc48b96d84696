/** Whether rsync copies devices: not each one does. */
import {asRoot} from '../../disk/as-root.ts';
import {RefusedError} from '../../errors.ts';
import {sh} from '../../host/command.ts';
import type {Host} from '../../host/host.ts';

/** The first with `--copy-devices`, and with `--no-whole-file` for `--write-devices` (NEWS of 3.2.4). */
const NEEDED = [3, 2, 4] as const;

/** @throws RefusedError `RsyncTooOld` that names what the host has */
export async function requireDeviceMode(host: Host): Promise<void> {
  const look = asRoot(sh`rsync --version 2>/dev/null || exit 0`, {reads: true});
  const {stdout} = await host.run(look);
  const [, version] = /^rsync +version v?(\d+\.\d+\.\d+)/.exec(stdout) ?? [];
  if (version !== undefined && isEnough(version)) return;
  const found = version === undefined ? 'there is no rsync' : `rsync ${version} cannot copy devices`;
  throw new RefusedError('RsyncTooOld', `${host.name}: ${found}`, {
    hint: `install rsync ${NEEDED.join('.')} or later on ${host.name}`,
  });
}

function isEnough(version: string): boolean {
  const [major = 0, minor = 0, patch = 0] = version.split('.').map(Number);
  const [first, second, third] = NEEDED;
  if (major !== first) return major > first;
  return minor !== second ? minor > second : patch >= third;
}
