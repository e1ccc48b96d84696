/** What runs on a host while it is given something: nothing gets its final name before it is proved complete. */
import {type Command, sh, shellText} from '../../command.ts';
import {CHECK, PLACE, RECEIVE, SETTLE, SHA256, TALK} from './shell-parts.ts';

export interface PutWords {
  /** Names what is temporary and marks what the script says. */
  readonly id: string;
  /** About as many bytes come; undefined when nobody knows. */
  readonly size: number | undefined;
  readonly path: string;
  readonly parents: boolean;
  /** Undefined: a folder has the mode that it comes with. */
  readonly mode: number | undefined;
  /** `user`, `user:group` or `:group`. */
  readonly owner: string | undefined;
}

export interface PutFolderWords extends PutWords {
  readonly replace: boolean;
  /** Of tar: whose the files are. */
  readonly ownerFlag: string;
}

/**
 * Takes frames, then a line with their SHA-256 and their bytes, and renames the file when they agree.
 * Whatever ends it, a lost connection too, it takes its temporary file away.
 */
export function putFileScript(words: PutWords): Command {
  return shellText(`${variables(words)}${TALK}${SHA256}${RECEIVE}${CHECK}${SETTLE}${PLACE}${FILE}`);
}

/** The same for a tar stream that becomes a folder. When it takes the place of another and fails, that one is back. */
export function putFolderScript({replace, ownerFlag, ...words}: PutFolderWords): Command {
  const more = sh`replace=${yes(replace)} owner_flag=${ownerFlag}`.text;
  return shellText(`${variables(words)} ${more}${TALK}${SHA256}${RECEIVE}${CHECK}${SETTLE}${PLACE}${FOLDER}`);
}

/** Does what the others do at their end, for one that was killed. May be run twice. */
export function cleanUpScript({id, path}: Pick<PutWords, 'id' | 'path'>): Command {
  return shellText(`${sh`id=${id} path=${path} parents=`.text}${TALK}${PLACE}${UNDO}\nundo`);
}

function variables({id, size, path, parents, mode, owner}: PutWords): string {
  const octal = mode === undefined ? '' : mode.toString(8);
  return sh`id=${id} size=${size ?? 2 ** 30} path=${path} parents=${yes(parents)} mode=${octal} owner=${owner ?? ''}`
    .text;
}

function yes(is: boolean): string {
  return is ? 'yes' : '';
}

/**
 * Brings back what was moved aside, unless the new one is in its place, and removes what is temporary. What cannot be
 * brought back is kept.
 */
const UNDO = `
temporary=$folder.ftask-$id
undo() {
  if [ -e "$temporary/old" ] && [ -e "$temporary/new" ]; then
    [ ! -e "$path" ] && mv "$temporary/old" "$path" || { say stranded; return; }
  fi
  rm -rf "$temporary"
}`;

const CLEAN_UP_AT_END = `
trap undo EXIT
trap "exit 1" HUP INT TERM PIPE
umask 077`;

const FILE = `
[ ! -d "$path" ] || fail is-folder
[ ! -e "$path" ] || [ -f "$path" ] || fail is-special${UNDO}${CLEAN_UP_AT_END}
(set -C; : >"$temporary") || fail no-file
stop=
! tee --output-error=exit /dev/null </dev/null 2>/dev/null || stop=--output-error=exit
digest=$({ receive | tee $stop "$temporary" || rm -f "$temporary"; } | sha256)
[ -e "$temporary" ] || fail unwritten
check
[ "$(wc -c <"$temporary")" -eq "$bytes" ] || fail unwritten
[ -z "$owner" ] || chown -- "$owner" "$temporary" || fail no-owner
chmod "$mode" "$temporary" || fail no-mode
settle "$temporary" || fail unwritten
[ ! -d "$path" ] || fail is-folder
mv -f "$temporary" "$path" || fail no-rename
settle "$folder"
say done`;

/** \`/dev/fd/3\` is the pipe to \`sha256\`. */
const FOLDER = `
[ ! -e "$path" ] || [ -d "$path" ] || fail is-file
[ ! -e "$path" ] || [ -n "$replace" ] || fail exists
has tar || fail no-tar${UNDO}${CLEAN_UP_AT_END}
mkdir "$temporary" && mkdir "$temporary/new" || fail no-file
unpack() { tar -C "$temporary/new" "$owner_flag" -xpf - && : >"$temporary/unpacked" && cat >/dev/null; }
digest=$({ receive | tee /dev/fd/3 | unpack; } 3>&1 | sha256)
[ -e "$temporary/unpacked" ] || fail unwritten
check
[ -z "$owner" ] || chown -Rh -- "$owner" "$temporary/new" || fail no-owner
[ -z "$mode" ] || chmod "$mode" "$temporary/new" || fail no-mode
settle -f "$temporary/new" || sync
if [ -e "$path" ]; then
  [ -n "$replace" ] || fail exists
  mv "$path" "$temporary/old" || fail no-rename
fi
[ ! -e "$path" ] && mv "$temporary/new" "$path" || fail no-rename
settle "$folder"
say done`;
