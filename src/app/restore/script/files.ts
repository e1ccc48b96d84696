/** What the script of a restore does with folders and single files: keep them aside, replace them, bring them back. */
import {sh} from '../../../host/command.ts';
import type {Tree} from '../../application.ts';
import {ageKeyPatterns} from '../../backup/age-key.ts';
import {NO_TRAPS} from '../../links.ts';

export interface TreeWords {
  readonly component: Tree;
  /** The folder that it is copied from. */
  readonly source: string;
  /** Its copy in the safety backup; what did not change since then takes no room again. */
  readonly safety?: string;
}

export interface FileWords {
  /** The file that it is copied from. */
  readonly source: string;
  readonly target: string;
  /** Octal. */
  readonly mode: string;
  /** `<uid>:<gid>` */
  readonly owner: string;
}

/**
 * Shell functions `keep_tree`, `put_tree` and `back_tree`, `keep_file`, `put_file` and `back_file`, for one at a time. All
 * is root's alone while it is being replaced. Then the list says what everything is: `x <mode> <uid>:<gid> <path>`, `l` for
 * links, `t` for the folder itself, which comes last so that nobody gets in before.
 */
export const FILES = `${NO_TRAPS}
keep_tree() {
  follow_no_trap "$target"
  mkdir -p "$here/before" || return
  [ -d "$target/" ] || { : >"$kept.absent"; return; }
  rsync -rltD --modify-window=-1 \${safety:+"--link-dest=$safety"} "$@" -- "$target/" "$kept/" || [ $? -eq 24 ] || return
  {
    (cd "$kept" && find . -mindepth 1 ! -type l -print0) | stat_in 'x %a'
    (cd "$kept" && find . -type l -print0) | stat_in 'l 777'
    printf '.\\0' | stat_in 't %a'
  } >"$kept.part" && mv "$kept.part" "$kept.list"
}
stat_in() { (cd "$target/" && xargs -0 -r stat --printf "$1 %u:%g %n\\\\0" --) || [ $? -eq 123 ]; }
put_tree() { bring "$source" "$here/lists/tree-$at" "$@"; }
back_tree() {
  [ ! -e "$kept.absent" ] || { rm -rf -- "$target"; return; }
  bring "$kept" "$kept.list" "$@"
}
bring() {
  follow_no_trap "$target"
  from=$1 list=$2
  shift 2
  (umask 022 && mkdir -p -- "$(dirname -- "$target")") || return
  rsync -rltpogD --chmod=D0700,F0600 --modify-window=-1 --checksum --delete "$@" -- "$from/" "$target/" || return
  cd "$target/" || return
  # A new owner takes the setuid bit away, so modes come after owners.
  for owner in $(cut -z -d ' ' -f 3 "$list" | sort -zu | tr '\\0' ' '); do
    sed -zn "s/^[xl] [0-7]* $owner //p" "$list" | xargs -0 -r chown -h "$owner" -- || return
  done
  for mode in $(sed -zn 's/^x \\([0-7]*\\) .*/\\1/p' "$list" | sort -zu | tr '\\0' ' '); do
    sed -zn "s/^x $mode [0-9]*:[0-9]* //p" "$list" | xargs -0 -r chmod "$mode" -- || return
  done
  top=$(sed -zn 's/^t \\([0-7]*\\) \\([0-9]*:[0-9]*\\) .*/\\1 \\2/p' "$list" | tr -d '\\0')
  chown "\${top#* }" . && chmod "\${top%% *}" .
}
keep_file() {
  follow_no_trap "$target"
  mkdir -p "$here/before" || return
  [ -e "$target" ] || { : >"$kept.absent"; return; }
  cp --no-preserve=mode --preserve=timestamps -- "$target" "$kept" || return
  stat -L --printf '%a %u:%g' -- "$target" >"$kept.part" && mv "$kept.part" "$kept.list"
}
put_file() { place "$source" "$mode" "$owner"; }
back_file() {
  [ ! -e "$kept.absent" ] || { rm -f -- "$target"; return; }
  read -r was <"$kept.list"
  [ "$was" ] && place "$kept" "\${was% *}" "\${was#* }"
}
place() {
  follow_no_trap "$target"
  to=$target
  [ ! -L "$to" ] || to=$(readlink -f -- "$to")
  case $to in /etc/sudoers | /etc/sudoers.d/*) visudo -c -q -f "$1" || return ;; esac
  (umask 022 && mkdir -p -- "$(dirname -- "$to")") || return
  rsync -ptog "--chmod=F$2" "--chown=$3" --modify-window=-1 --checksum -- "$1" "$to"
}
check_rules() {
  [ -z "$has_rules" ] || visudo -c -q
}`;

/** The function `tree_<at>`: it does what it is told with this folder, in a shell of its own. */
export function treeText(at: number, {component, source, safety = ''}: TreeWords): string {
  const {name, path, excludes} = component;
  const words = [...ageKeyPatterns(path), ...excludes].map((pattern) => `--exclude=${pattern}`);
  return [
    `tree_${at}() { (`,
    sh`name=${name} target=${path} source=${source} safety=${safety} kept=$here/before/tree-${at} verb=$1`
      .text,
    sh`set -- ${words}`.text,
    '"$verb" "$@"',
    '); }',
  ].join('\n');
}

/** The function `file_<at>`. */
export function fileText(at: number, {source, target, mode, owner}: FileWords): string {
  return [
    `file_${at}() { (`,
    sh`name=${target} target=${target} source=${source} mode=${mode} owner=${owner} kept=$here/before/file-${at}`
      .text,
    '"$1"',
    '); }',
  ].join('\n');
}
