/** Flushing filesystems that are not frozen. */
import {type Command, sh} from '../../host/command.ts';
import type {Host} from '../../host/host.ts';
import {asRoot} from '../as-root.ts';

/** A disk that is full of work takes its time. */
const SYNC_LIMIT_MS = 300_000;

/**
 * Writes out what waits in memory for the filesystems mounted there, all at once. An old `sync` that knows no single
 * filesystem flushes every one. May be called twice. @throws CommandFailed when one of them cannot be written
 */
export async function syncOnly(host: Host, mountPoints: readonly string[]): Promise<void> {
  if (mountPoints.length === 0) return;
  await host.run(asRoot(syncScript(mountPoints)), {
    timeoutMs: SYNC_LIMIT_MS,
    shownAs: `sync -f ${mountPoints.join(' ')}`,
  });
}

function syncScript(mountPoints: readonly string[]): Command {
  return sh`flush() {
  why=$(sync -f "$1" 2>&1) && return
  case $why in *option*) sync; return ;; esac
  printf '%s\n' "$why" >&2
  return 1
}
set -- ${mountPoints}
jobs= code=0
for point; do flush "$point" & jobs="$jobs $!"; done
for job in $jobs; do wait "$job" || code=1; done
exit "$code"`;
}
