/** What runs on a host while filesystems are frozen: the thaw is armed first, and nothing that goes wrong disarms it. */
import {type Command, sh, shellText} from '../../host/command.ts';
import {escapedMountPoint} from './mount-point.ts';

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
 * In a session of their own, which nothing that ends the command reaches, stand a `sleep` of the time limit and one
 * holder a frozen filesystem. The holders read from a pipe that the `sleep` alone could write to: however it ends, all
 * of them thaw. A watcher kills it when the reader of our input has read or died. The reporter thaws what a killed
 * holder left. So no process of them is one that must not be killed.
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

/**
 * fsfreeze of busybox knows the long options only. /proc/timer_list has nanoseconds and takes no process to read; where
 * it is hidden, /proc/uptime has hundredths.
 */
const SHARED = `
PATH=$PATH:/usr/sbin:/sbin LC_ALL=C
export PATH LC_ALL
tell() { printf "%s\\n" "$*"; }
path_of() { path=$(printf "%b/" "$1"); }
clock() {
  ns=
  { read -r ns; read -r ns; read -r ns ns ns rest; } </proc/timer_list
  if [ "$ns" ]; then ms=\${ns%??????}; return; fi
  read -r ms rest </proc/uptime
  ms=\${ms%.*}\${ms#*.}0
}
thaw() {
  word=thawed tries=$2
  until why=$(fsfreeze --unfreeze "$1" 2>&1); do
    case $why in *"nvalid argument"*) word=lost; break ;; esac
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || { word=stuck; break; }
    sleep 1
  done
  clock
}`;

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

/**
 * What \`cd\` went to is what is frozen and thawed, whatever is mounted or unmounted since. A mount point that is none
 * any more would freeze what lies below it. Nothing is opened for writing, not even /dev/null, which may be on a root
 * that is frozen.
 */
const GUARD = `
trap "" HUP INT TERM PIPE
cd /
exec 3<&0 4>&1
seconds=$1
shift
say() { tell "$@" >&4; }
enter() {
  path_of "$point"
  cd "$path" || { say not "$point" it cannot be entered; return 1; }
  while read -r key value rest; do [ "$key" != mnt_id: ] || mount=$value; done 6<. </proc/self/fdinfo/6
  case $mounts in *" $mount|$point|"*) return 0 ;; esac
  say not "$point" nothing is mounted there
  return 1
}
freeze_here() {
  clock
  say freezing "$point" "$ms"
  why=$(fsfreeze --freeze . 2>&1)
  code=$?
  # Said or not: it is frozen, also when nobody listens any more.
  [ "$code" -ne 0 ] || { say frozen "$point"; return 0; }
  # One that was killed may have frozen it.
  [ "$code" -lt 128 ] || fsfreeze --unfreeze .
  say not "$point" "\${why##*: }"
  return 1
}
hold() {
  point=$1
  enter && freeze_here || return
  exec >&-
  read -r nothing <&5
  thaw . 3
  say "$word" "$point" "$ms"
}
freeze_steps() {
  [ $# -gt 0 ] || { say all; return; }
  kill -0 "$sleeper" || return
  for point; do
    [ "$point" != then ] || break
    hold "$point" &
  done | {
    # The end of it comes when each of them has frozen, or cannot.
    read -r nothing
    while [ $# -gt 0 ] && [ "$1" != then ]; do shift; done
    [ $# -eq 0 ] || shift
    freeze_steps "$@"
  }
}
wanted=" " mounts=" "
for point; do wanted="$wanted$point "; done
while read -r mount parent device root point rest; do
  case $wanted in *" $point "*) mounts="$mounts$mount|$point|$device " ;; esac
done </proc/self/mountinfo
seen=" "
for point; do
  shift
  found=\${mounts##*"|$point|"}
  device=\${found%% *}
  case $mounts,$seen in
    *"|$point|"*,*" $device="*) found=\${seen##*" $device="}; say same "$point" "\${found%% *}"; continue ;;
    *"|$point|"*,*) seen="$seen$device=$point " ;;
  esac
  set -- "$@" "$point"
done
read -r reader <&3 || exit
{
  sleep "$seconds" 3<&- 4>&- &
  sleeper=$!
  tell "$sleeper"
  exec >&-
  read -r word <&3 || word=signal
  say end "$word"
  kill -9 "$sleeper"
  wait
} | {
  exec 3<&- 5<&0 </dev/null
  read -r sleeper <&5 || exit
  { read -r nothing <&5; say end timeout; kill -9 "$reader"; } &
  say armed
  freeze_steps "$@"
}`;
