/** Whether there is room for what is restored. */
import {RefusedError} from '../../../errors.ts';
import {sh} from '../../../host/command.ts';
import {bytesText} from '../../../words.ts';
import {looking} from '../../backup/site.ts';
import type {DatabaseStep} from '../plan/steps.ts';
import type {Looking} from './source.ts';
import type {Standings} from './standings.ts';

export interface Want {
  /** `instead`: of what is there now, which goes. */
  readonly kind: 'more' | 'instead';
  /** What does not exist yet is looked for above. */
  readonly path: string;
  readonly bytes: number;
}

/** A database that is loaded anew may take more than its dump. */
const LOADED = 2;

/** What loading dumps takes, where the server is on this host and says where it has its data. */
export function databaseWants(steps: readonly DatabaseStep[], standings: Standings): Want[] {
  return steps.flatMap(({component, bytes}) => {
    const {dataFolder: path, bytes: now = 0} = standings.get(component.name) ?? {};
    return path === undefined ? [] : [{kind: 'more', path, bytes: Math.max(now, LOADED * bytes)}];
  });
}

/**
 * Adds up what is wanted on each filesystem. What goes is kept for a while in the folder `keptIn`, unless that is empty.
 * @throws RefusedError `NoSpace`
 */
export async function checkRoom(
  {host, signal}: Looking,
  wants: readonly Want[],
  keptIn: string,
): Promise<void> {
  const words = sh`kept=${keptIn}; set -- ${wants.flatMap(({kind, path, bytes}) => [kind, path, bytes])}`
    .text;
  const {stdout} = await host.run(looking(words + SPACE, {signal, shownAs: 'look for room'}));
  const needs = new Map<string, number>();
  for (const [, bytes, free, place = ''] of stdout.matchAll(/^(-?\d+) +(\d+) (.+)$/gm)) {
    const needed = (needs.get(place) ?? 0) + Math.max(0, Number(bytes));
    needs.set(place, needed);
    if (needed <= Number(free)) continue;
    const told = `${bytesText(needed)}, and ${bytesText(Number(free))} are free`;
    throw new RefusedError('NoSpace', `${host.name}: the restore may need ${told} on ${place}`, {
      hint: `make room for ${bytesText(needed - Number(free))} more there; nothing was changed`,
    });
  }
}

/** Prints what is needed, what is free on that filesystem, and where it is mounted. What a folder has now is replaced. */
const SPACE = `
need() {
  at=$1
  while [ ! -e "$at" ]; do at=$(dirname "$at"); done
  echo "$2 $(df -B1 --output=avail,target "$at" | tail -n 1)"
}
while [ $# -gt 0 ]; do
  now=0
  if [ "$1" = instead ] && [ -d "$2" ]; then now=$(du -sB1 "$2/" 2>/dev/null | cut -f 1); fi
  need "$2" $(($3 - now))
  [ -z "$kept" ] || need "$kept" "$now"
  shift 3
done`;
