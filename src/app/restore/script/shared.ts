/** What all parts of the script of a restore use. It is for root, on dash, bash or busybox, with GNU's other programs. */

/**
 * The state file is the script's memory: a line is on the disk before what it tells of is begun. `over KIND COUNT VERB`
 * lets each item of a kind do something; it stops at the first that fails, or with `all` goes on and names each.
 */
export const SHARED = `
state=$here/state log=$here/log
umask 077
cd /
say() { printf '%s\\n' "$*" >>"$state" && sync "$state"; }
has() { grep -qxF -e "$1" "$state"; }
phase() { say "phase $*" && : >"$log"; }
over() {
  kind=$1 count=$2 verb=$3 all=$4 at=0 failed=0
  while [ "$at" -lt "$count" ]; do
    if ! "\${kind}_$at" "$verb"; then
      [ "$all" ] || return 1
      "\${kind}_$at" is_stuck
      failed=1
    fi
    at=$((at + 1))
  done
  return "$failed"
}
is_stuck() { say "stuck $kind $name$(tail -n 1 "$log" | cut -c -300 | sed 's/^/: /')"; }`;
