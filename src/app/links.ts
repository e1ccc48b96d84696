/** Links that root does not follow: who plants one does not get root to read or write what is another's. */

/**
 * Shell: `follow_no_trap <path>` ends the shell with a message when a link on the way there belongs neither to root nor to
 * the owner of what it leads to, as the kernel has it where anybody may write: proc_sys_fs(5), protected_symlinks.
 */
export const NO_TRAPS = `
follow_no_trap() {
  at=$1
  until [ "$at" = / ] || [ "$at" = . ]; do
    if [ -L "$at" ]; then
      whose=$(stat -c %u -- "$at")
      if [ "$whose" -ne 0 ] && [ "$whose" != "$(stat -Lc %u -- "$at" 2>/dev/null)" ]; then
        echo "$at is a link of $(stat -c %U -- "$at"), and what it leads to is not theirs" >&2
        exit 1
      fi
    fi
    at=$(dirname -- "$at")
  done
}`;
