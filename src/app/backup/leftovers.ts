/** What runs that died have left in the folder of the snapshots. Only who holds its lock may touch it. */
import {asRoot} from '../../disk/as-root.ts';
import {sh, shellText} from '../../host/command.ts';
import {endingScript} from '../../host/exec/ending-script.ts';
import type {Host} from '../../host/host.ts';
import {NO_LIMIT_MS} from '../limits.ts';

const GRACE_MS = 5000;

export interface Leftovers {
  /** What was removed: names in the folder. */
  readonly removed: readonly string[];
  /** How many processes of dead runs were ended first. */
  readonly ended: number;
  /** Bytes that are free now. */
  readonly free: number;
}

/** Ends what still works there, then removes all that is not complete. May be called twice. @throws CommandFailed */
export async function removeLeftovers(host: Host, root: string): Promise<Leftovers> {
  const words = sh`root=${root}`.text;
  const {stdout: found} = await host.run(
    asRoot(shellText(words + FIND_PROCESSES), {shownAs: `look for processes in ${root}`}),
  );
  const processes = found
    .split('\n')
    .filter((line) => line !== '')
    .map(Number);
  for (const process of processes) {
    await host.run(asRoot(shellText(endingScript([process], GRACE_MS)), {shownAs: `end process ${process}`}));
  }
  const {stdout} = await host.run(
    asRoot(shellText(words + REMOVE), {timeoutMs: NO_LIMIT_MS, shownAs: `remove leftovers in ${root}`}),
  );
  const [free = '0', ...removed] = stdout.trim().split('\n');
  return {removed, ended: processes.length, free: Number(free)};
}

/** Removes the folders of a run that failed. May be called twice; it is done even if the run was interrupted. @throws CommandFailed */
export async function removePaths(host: Host, paths: readonly string[]): Promise<void> {
  await host.run(asRoot(sh`rm -rf -- ${paths}`, {undoes: true, timeoutMs: NO_LIMIT_MS}));
}

/** A step of ours works in such a folder, or packs one beside it, and names it in its words; a person's shell there does not. */
const FIND_PROCESSES = `
real=$(readlink -f -- "$root") || exit 0
for process in /proc/[0-9]*; do
  folder=$(readlink "$process/cwd") || continue
  case $folder in
    "$real") words='cd "$root" && mkdir -p "$work"' ;;
    "$real"/.*.partial*) words="cd $root/" ;;
    *) continue ;;
  esac
  tr '\\0' ' ' <"$process/cmdline" | grep -qF -e "$words" -e "cd '$root/" && echo "\${process##*/}"
done 2>/dev/null
true`;

const REMOVE = `
cd "$root" || exit 1
set --
for name in .*.partial; do
  [ -e "$name" ] || continue
  rm -rf -- "$name" || exit 1
  set -- "$@" "$name"
done
df -B1 --output=avail . | tail -n 1
printf '%s\\n' "$@"`;
