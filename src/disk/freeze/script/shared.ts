/** What the guard of a freeze and the command that started it have in common. */

/**
 * `thaw <folder> <tries>` leaves in `word` how it went. fsfreeze of busybox knows the long options only.
 * /proc/timer_list has nanoseconds and takes no process to read; where it is hidden, /proc/uptime has hundredths.
 */
export const SHARED = `
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
