/** Looking at the script of a restore on its host: whether it lives, and what it says next. */
import {type Command, sh} from '../../../host/command.ts';
import {inPrivate, looking} from '../../backup/site.ts';
import type {Places} from '../places.ts';

/** How long one look waits for something new: longer than a script takes to start. */
const LOOK_SECONDS = 35;
/** A host on which it takes longer is out of reach. */
const LOOK_LIMIT_MS = 90_000;
/** A script that was started says so within this time. */
const START_SECONDS = 30;

/** Prints `none`, or `alive` or `dead` and all lines of the state file. Reads only. */
export function stateCommand({folder, state}: Places): Command {
  return looking(`${words({folder, state})}${ALIVE}${LOOK_ONCE}`, {shownAs: `look at ${state}`});
}

/**
 * Waits for lines of the state file behind those that were `seen`, and prints them; `dead` when there are none and no
 * process of the script lives, which was started when the file had `since` lines. It may come back with nothing. Neither
 * Ctrl-C nor the end of the run stops it.
 */
export function nextLinesCommand({folder, state}: Places, seen: number, since: number): Command {
  const shownAs = `follow ${state}`;
  const options = {shownAs, undoes: true, timeoutMs: LOOK_LIMIT_MS};
  const text = `${words({folder, state})} ${sh`seen=${seen} since=${since}`.text}${ALIVE}${FOLLOW}`;
  return looking(text, options);
}

/**
 * Tells the script to end, and to take back what it did; its guard, which hears that, is its first process. Neither
 * Ctrl-C nor the end of the run stops this.
 */
export function endCommand({folder, state}: Places): Command {
  const options = {undoes: true, shownAs: 'end the restore'};
  return inPrivate(`${words({folder, state})}${ALIVE}${END}`, options);
}

/**
 * Ends what a killed script has left at work: it is of the session of one of its processes, and has the lock open, as file
 * 9. Only for a script of which no process lives. May be called twice.
 */
export function endStraysCommand({root, folder, state}: Places): Command {
  const text = `${words({folder, state})} ${sh`lock=${`${root}/.lock`}`.text}${END_STRAYS}`;
  return inPrivate(text, {undoes: true, shownAs: 'end what a killed restore left at work'});
}

function words({folder, state}: Pick<Places, 'folder' | 'state'>): string {
  return sh`folder=${folder} state=${state}`.text;
}

/** A process is known by its id and the moment of its start: proc_pid_stat(5). */
const ALIVE = `
lives() {
  read -r stat <"/proc/$1/stat" || return
  start=$2
  set -- \${stat##*) }
  [ "\${20}" = "$start" ]
} 2>/dev/null
is_alive() {
  while read -r word id start rest; do
    [ "$word" != process ] || ! lives "$id" "$start" || return 0
  done <"$state" 2>/dev/null
  return 1
}`;

const LOOK_ONCE = `
[ -d "$folder" ] || { echo none; exit; }
if is_alive; then echo alive; else echo dead; fi
cat "$state" 2>/dev/null
true`;

/** A script may say its last and end between two looks. */
const FOLLOW = `
[ -e "$state" ] || { echo dead; exit; }
has_started() { tail -n "+$((since + 1))" "$state" | grep -q '^process '; }
turns=0
while [ "$turns" -lt ${LOOK_SECONDS * 5} ]; do
  is_dead=
  if [ "$turns" -ge ${START_SECONDS * 5} ] || has_started; then is_alive || is_dead=yes; fi
  lines=$(wc -l <"$state")
  if [ "$lines" -gt "$seen" ]; then head -n "$lines" "$state" | tail -n "+$((seen + 1))"; exit; fi
  [ -z "$is_dead" ] || { echo dead; exit; }
  sleep 0.2
  turns=$((turns + 1))
done`;

const END = `
while read -r word id start rest; do
  [ "$word" = process ] || continue
  ! lives "$id" "$start" || kill -s TERM "$id"
  exit
done <"$state"`;

const END_STRAYS = `
lock=$(readlink -f "$lock")
sessions=" $(sed -n 's/^process \\([0-9]*\\) .*/\\1/p' "$state" | tr '\\n' ' ')"
strays() {
  for process in /proc/[0-9]*; do
    [ "$(readlink "$process/fd/9")" = "$lock" ] && read -r stat <"$process/stat" || continue
    set -- \${stat##*) }
    case $sessions in *" $4 "*) echo "\${process##*/}" ;; esac
  done 2>/dev/null
}
tries=0
while found=$(strays) && [ "$found" ] && [ "$tries" -lt 100 ]; do
  kill -s KILL $found 2>/dev/null
  tries=$((tries + 1))
  sleep 0.1
done
true`;
