/** The shell text that ends processes on a host with all that they started. */

/**
 * Prints one line: `TERM <targets>`, `KILL <targets>`, `gone`, or `left <targets>` when some are still there. Targets
 * are process groups with a minus, else processes. What belongs to a command is the session or group that it leads,
 * the session that sudo made for it (`use_pty`), and every descendant. Zombies count as gone.
 */
export function endingScript(processIds: readonly number[], graceMs: number): string {
  const [outer = 0, inner = outer] = processIds;
  return [
    `outer=${outer} inner=${inner}`,
    'targets() {',
    '  if [ -r /proc/1/stat ] && command -v awk >/dev/null; then',
    `    cat /proc/[0-9]*/stat 2>/dev/null | awk -v outer=$outer -v inner=$inner '${FIND_TARGETS}'`,
    '  else',
    '    for id in $outer $inner; do kill -0 -$id 2>/dev/null && echo -$id; done',
    '  fi',
    '}',
    'signal() { for id in $found; do kill -s "$1" -- "$id" 2>/dev/null; done; }',
    // A host with many processes takes its time to look through them, so the clock counts, too.
    'pause() { sleep "$1" 2>/dev/null || sleep 1; }',
    'now() { date +%s 2>/dev/null || echo 0; }',
    'found=$(targets)',
    '[ -n "$found" ] || { echo gone; exit; }',
    'first=$found',
    'signal TERM; signal CONT',
    `turn=0 deadline=$(($(now) + ${Math.ceil(graceMs / 1000)}))`,
    `while [ $turn -lt ${turnsIn(graceMs)} ] && [ $(now) -le $deadline ]; do`,
    `  if [ $turn -lt ${QUICK_TURNS} ]; then pause 0.1; else pause 0.5; fi`,
    '  found=$(targets)',
    '  [ -n "$found" ] || { echo TERM $first; exit; }',
    '  turn=$((turn + 1))',
    'done',
    'turns=20',
    'while [ $turns -gt 0 ]; do',
    '  signal KILL; pause 0.1; found=$(targets)',
    '  [ -n "$found" ] || { echo KILL $first; exit; }',
    '  turns=$((turns - 1))',
    'done',
    'echo left $found',
  ].join('\n');
}

/** Of 100 ms each: most commands go at once. Those that come after take 500 ms. */
const QUICK_TURNS = 10;

function turnsIn(graceMs: number): number {
  const quick = Math.min(QUICK_TURNS, Math.ceil(graceMs / 100));
  return quick + Math.ceil(Math.max(0, graceMs - 100 * QUICK_TURNS) / 500);
}

/** Reads proc_pid_stat(5): the name in brackets may hold anything, so the fields are counted from its end. */
const FIND_TARGETS = `
  match($0, /.*\\) /) {
    pid = $1 + 0
    split(substr($0, RLENGTH + 1), field, " ")
    if (field[1] == "Z" || field[1] == "X") next
    parent[pid] = field[2]; group[pid] = field[3]; session[pid] = field[4]
  }
  END {
    mine[outer] = mine[inner] = 1
    ours[outer] = ours[inner] = 1
    if (session[outer] == outer && session[inner]) ours[session[inner]] = 1
    for (grown = 1; grown;) {
      grown = 0
      for (pid in parent) {
        if (mine[pid] && counted[pid]) continue
        if (mine[pid] || mine[parent[pid]] || ours[session[pid]] || ours[group[pid]]) {
          mine[pid] = counted[pid] = grown = 1
        }
      }
    }
    for (pid in counted) {
      leader = group[pid]
      target = mine[leader] || ours[session[pid]] ? -leader : pid
      if (!(target in told)) print target
      told[target] = 1
    }
  }`;
