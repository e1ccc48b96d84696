/** What runs on a host while it is given something: nothing gets its final name before it is proved complete. */
import {type Command, sh, shellText} from '../command.ts';
import {PLACE, RECEIVE, SETTLE, SHA256, TALK} from './shell-parts.ts';

export interface PutWords {
  /** Names the temporary file and marks what the script says. */
  readonly id: string;
  /** About as many bytes come. */
  readonly size: number;
  readonly path: string;
  readonly parents: boolean;
  /** Octal digits. */
  readonly mode: string;
  /** `user`, `user:group`, `:group` or nothing. */
  readonly owner: string;
}

/**
 * Takes frames, then a line with their SHA-256 and their bytes, and renames the file when they agree.
 * Whatever ends it, a lost connection too, it takes its temporary file away.
 */
export function putFileScript({id, size, path, parents, mode, owner}: PutWords): Command {
  const words = sh`id=${id} size=${size} path=${path} parents=${parents ? 'yes' : ''} mode=${mode} owner=${owner}`;
  return shellText(`${words.text}${TALK}${SHA256}${RECEIVE}${SETTLE}${PLACE}${FILE}`);
}

const FILE = `
[ ! -d "$path" ] || fail is-folder
temporary=$folder.ftask-$id
trap 'rm -f "$temporary"' EXIT
trap "exit 1" HUP INT TERM PIPE
umask 077
(set -C; : >"$temporary") || fail no-file
stop=
! tee --output-error=exit /dev/null </dev/null 2>/dev/null || stop=--output-error=exit
digest=$({ receive | tee $stop "$temporary" || rm -f "$temporary"; } | sha256)
[ -e "$temporary" ] || fail unwritten
read -r expected bytes || fail cut
[ "$(wc -c <"$temporary")" -eq "$bytes" ] || fail unwritten
[ -n "$digest" ] || fail no-sha256
[ "$digest" = "$expected" ] || fail differs
[ -z "$owner" ] || chown "$owner" "$temporary" || fail no-owner
chmod "$mode" "$temporary" || fail no-mode
settle "$temporary" || fail unwritten
[ ! -d "$path" ] || fail is-folder
mv -f "$temporary" "$path" || fail no-rename
trap - EXIT
settle "$folder"
say done`;
