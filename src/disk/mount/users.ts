/** The processes that use a filesystem. */
import {type CommandOptions, sh} from '../../host/command.ts';
import type {Host} from '../../host/host.ts';
import {asRoot} from '../as-root.ts';

const SHOWN = 5;

/**
 * Who has a file, a folder or a program of the filesystem at `mountPoint` open, in words; there is always at least one.
 * From /proc itself: neither fuser nor lsof is everywhere.
 */
export async function usersOf(
  host: Host,
  mountPoint: string,
  options: CommandOptions = {},
): Promise<string[]> {
  const look = sh`device=$(stat -L -c %d -- ${mountPoint})
find /proc/[0-9]*/cwd /proc/[0-9]*/root /proc/[0-9]*/exe /proc/[0-9]*/fd /proc/[0-9]*/map_files -type l \
  -exec stat -L -c '%d %n' '{}' + 2>/dev/null |
sed -n "s|^$device /proc/\\([0-9]*\\)/.*|\\1|p" | sort -un |
while read -r process; do echo "$(cat "/proc/$process/comm") (process $process)"; done 2>/dev/null`;
  const {stdout} = await host.run(asRoot(look), {
    ...options,
    reads: true,
    shownAs: `look who uses ${mountPoint}`,
  });
  const users = stdout.split('\n').filter((line) => line !== '' && !line.startsWith(' '));
  if (users.length === 0)
    return ['in use by no process: a loop device, a swap file or an export of it perhaps'];
  const more = users.length > SHOWN ? [`${users.length - SHOWN} more`] : [];
  return [...users.slice(0, SHOWN), ...more].map((user) => `in use by ${user}`);
}
