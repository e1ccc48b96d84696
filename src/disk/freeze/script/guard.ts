/** The session that arms the thaw, freezes and thaws, whatever becomes of the command that started it. */

/**
 * Its words are the seconds, then the mount points, with `then` between the steps. It reads the lines of the reader and
 * writes to the reporter. What `cd` went to is what is frozen and thawed, whatever is mounted or unmounted since; where
 * nothing is mounted any more it would be the filesystem around, such as the root. Nothing is opened for writing, not
 * even /dev/null: that may lie on a frozen root.
 */
export const GUARD = `
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
  # Told first, since our own line may come while it thaws by itself.
  say thawing "$point"
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
