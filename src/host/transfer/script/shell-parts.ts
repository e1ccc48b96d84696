/** Pieces of POSIX shell that the scripts on a host share; `id`, `size`, `path` and `parents` are theirs to set. */

/** `say` and `fail` talk to us between what other programs say. */
export const TALK = `
export LC_ALL=C
say() { echo "$id $1" >&2; }
fail() { say "$1"; exit 1; }`;

/**
 * `sha256` prints the digest of what it reads. openssl is five times as fast as coreutils, which often
 * do without the processor's own instructions, but it is slow to start.
 */
export const SHA256 = `
has() { command -v "$1" >/dev/null 2>&1; }
sha256() {
  if [ "$size" -ge 1048576 ] && has openssl; then openssl dgst -sha256 -r
  elif has sha256sum; then sha256sum
  elif has shasum; then shasum -a 256
  elif has openssl; then openssl dgst -sha256 -r
  else cat >/dev/null
  fi | { read -r hash rest; echo "$hash"; }
}`;

/** `receive` prints what comes in frames (frames.ts) and leaves stdin right behind them. */
export const RECEIVE = `
receive() {
  while read -r count && [ "$count" -gt 0 ]; do
    blocks=$((count / 1048576)) rest=$((count % 1048576))
    [ "$blocks" -eq 0 ] || dd bs=1048576 count="$blocks" iflag=fullblock
    [ "$rest" -eq 0 ] || dd bs="$rest" count=1 iflag=fullblock
  done 2>/dev/null
}
dd iflag=fullblock count=0 </dev/null >/dev/null 2>&1 || fail no-dd`;

/** `check` reads the last line and compares `digest` with it; `bytes` is what was sent. */
export const CHECK = `
check() {
  read -r expected bytes || fail cut
  [ -n "$digest" ] || fail no-sha256
  [ "$digest" = "$expected" ] || fail differs
}`;

/** `settle` puts a file or a folder on the disk. GNU's sync takes names since 8.24, and from then on its failure is real. */
export const SETTLE = `
settle() {
  sync "$@" && return
  ! sync --version >/dev/null 2>&1 || return 1
  sync
}`;

/** Follows a link at the path, as cp does, and sees to the `folder` (with a slash) that it is in. */
export const PLACE = `
if [ -L "$path" ]; then
  path=$(readlink -f "$path" && echo x) || fail bad-link
  path=\${path%?x}
fi
folder=\${path%/*}/
[ -z "$parents" ] || mkdir -p "$folder" || fail no-parents
[ -d "$folder" ] || fail no-folder`;
