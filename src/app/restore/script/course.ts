/** The course of a restore on its host, and the way back. */

/**
 * `run` is a guard around the `steps`, which are a session of their own: what is left when they are killed, or when it is
 * told to end, is taken back by the guard. `recover` takes back what both left. All of them inherit the lock.
 * From `phase clean` on nothing is taken back: the application is well, and the old database goes.
 */
export const COURSE = `
remember() {
  read -r stat <"/proc/$$/stat"
  set -- \${stat##*) }
  say "process $$ \${20}"
}
course() {
  over database "$databases" load &&
    phase look && { ! answers || say was well; } && over service "$services" note &&
    phase stop && over service "$services" halt &&
    phase keep && over tree "$trees" keep_tree && over file "$files" keep_file && sync -f "$here" &&
    over database "$databases" swap &&
    phase files && over tree "$trees" put_tree && over file "$files" put_file && check_rules && reload &&
    phase after && after_restore &&
    phase start && over service "$services" begin &&
    phase health && be_well runs &&
    sync && phase clean
}
finish() {
  over database "$databases" drop_old all
  rm -rf "$here/before" "$here/staging" "$here/upload"
  say end restored
}
roll_back() {
  trap : TERM
  was_full=
  [ -s "$log" ] || head -c 4096 /dev/zero >"$here/probe" || was_full=yes
  rm -f "$here/room" "$here/probe"
  [ -z "$was_full" ] || echo "$here: No space left on device" >>"$log"
  tell_why
  say phase back
  rm -rf "$here/staging" "$here/upload"
  bad=
  ! has 'phase stop' || over service "$services" unbegin all || bad=yes
  over database "$databases" unswap all || bad=yes
  if has 'phase files'; then
    over tree "$trees" back_tree all || bad=yes
    over file "$files" back_file all || bad=yes
  fi
  if has 'phase stop'; then
    reload || bad=yes
    over service "$services" resume all || bad=yes
    if be_well runs_again; then say well; else tell_why; say unwell; fi
  fi
  if [ "$bad" ]; then say end stuck; else say end back; fi
}
tell_why() {
  sed '/^Command was/,$d' "$log" | grep -avE '^(CONTEXT|DETAIL|HINT|LINE|STATEMENT)' | grep -av '^ *$' | tail -n 4 | cut -c -300 |
    while read -r line; do say "why $line"; done
  : >"$log"
}
has_ended() { grep -q '^end ' "$state"; }
on_term() {
  if has 'phase clean' || has_ended; then return; fi
  say cancelled
  kill -s KILL -- "-$steps"
}
guard() {
  remember
  trap : HUP INT PIPE
  printf '%s\\n' "$passwords" | setsid sh "$here/script" steps &
  steps=$!
  trap on_term TERM
  while kill -0 "$steps" 2>/dev/null; do wait "$steps"; done
  ! has_ended || return
  tries=0
  while kill -s KILL -- "-$steps" 2>/dev/null && [ "$tries" -lt 100 ]; do tries=$((tries + 1)); sleep 0.1; done
  if has 'phase clean'; then finish; else roll_back; fi
}
exec >>"$log" 2>&1
read -r passwords
case $1 in
  run) guard ;;
  steps)
    trap : HUP INT PIPE
    remember
    if course; then finish; else roll_back; fi
    ;;
  recover)
    trap : HUP INT PIPE TERM
    say recover
    remember
    if has 'phase clean'; then finish; else roll_back; fi
    ;;
esac`;
