/** What runs on a host while filesystems are frozen: the thaw is armed first, and nothing that goes wrong disarms it. */
import {type Command, sh, shellText} from '../../../host/command.ts';
import {escapedMountPoint} from '../mount-point.ts';
import {GUARD} from './guard.ts';
import {SHARED} from './shared.ts';

export interface FreezeWords {
  /** Those of a step are frozen at once, the steps one after another. */
  readonly steps: readonly (readonly string[])[];
  /** From the arming on. */
  readonly seconds: number;
  /** Flush the filesystems first, so that freezing them is quick. */
  readonly sync: boolean;
}

/**
 * Freezes, and thaws when a line or the end of its input comes, when it is ended, or after the time. For root, on dash,
 * bash or busybox. Its output is for a `FreezeLog`. It writes no file, so all of it works while its own root is frozen.
 *
 * The guard is a session of its own, which nothing that ends the command reaches: a `sleep` of the time limit, and one
 * holder a frozen filesystem. The holders read from a pipe that the `sleep` alone could write to: however it ends, all
 * of them thaw. A watcher kills it when the reader of our input has read or died; without the watcher the time is left.
 * The reporter tells what it hears from the guard, and thaws what a killed holder left.
 */
export function freezeScript({steps, seconds, sync}: FreezeWords): Command {
  const points = steps.flatMap((step) => [...step.map(escapedMountPoint), 'then']).slice(0, -1);
  return shellText(
    [
      sh`seconds=${seconds}; set -- ${points}; guard=${SHARED + GUARD}`.text,
      SHARED,
      PROGRAMS,
      ...(sync ? [SYNC] : []),
      MAIN,
    ].join('\n'),
  );
}

const PROGRAMS = `
for program in fsfreeze setsid sleep; do
  command -v "$program" >/dev/null || { tell missing "$program"; exit; }
done`;

/** All at once, since they are on different disks. An old \`sync\` knows no single filesystem. */
const SYNC = `
for point; do
  path_of "$point"
  [ "$point" = then ] || { sync -f "$path" 2>/dev/null || sync; } &
done
wait`;

/** A signal ends the reader alone: the reporter ignores it, and the guard is elsewhere. */
const MAIN = `
{
  read -r self rest </proc/self/stat
  tell "$self"
  if read -r line; then tell us; else tell end of file; fi
} | (
  exec 3<&0
  setsid sh -c "$guard" sh "$seconds" "$@" <&3 2>/dev/null &
) | {
  trap "" HUP INT TERM PIPE
  left=" "
  while read -r word point rest; do
    tell "$word" "$point" "$rest"
    case $word,$left in
      freezing,*) left="$left$point " ;;
      not,*" $point "* | thawed,*" $point "* | lost,*" $point "*)
        left=\${left%%" $point "*}" "\${left#*" $point "} ;;
    esac
  done
  for point in $left; do
    path_of "$point"
    thaw "$path" 60
    [ "$word" = stuck ] || word=lost
    tell "$word" "$point" "$ms"
  done
  tell done
}`;
