/** A site on a host of its own, to which one accident after the other happens. */
import assert from 'node:assert/strict';
import {readdir, rm} from 'node:fs/promises';
import {basename, join} from 'node:path';
import {markSite, troubles} from '../../../app/restore/marks.ts';
import type {Ended} from '../../ftask.ts';
import {type Accident, isDamage, type Task} from './accidents.ts';
import {damagedCopy} from './damage.ts';
import {assertClear, told} from './ended.ts';
import {proveBackups, proveData, proveEnd, proveRestore, proveUntouched} from './proofs.ts';
import {openScene, ROOT, type Scene, succeeds, wordsFor} from './scene.ts';
import {holdAt, installStandIns} from './stand-ins.ts';
import {type Met, strike} from './strike.ts';

export interface Lane {
  /** Lets it happen and proves what has to be true then. @throws AssertionError */
  undergo(accident: Accident): Promise<Met>;
}

/** How many programs each task calls when nothing happens. */
type Calls = Readonly<Record<Task, number>>;

/** Makes it, with a backup of it. */
export async function openLane(): Promise<Lane> {
  const scene = await openScene();
  await installStandIns(scene.site.host);
  const [backup, verify, restore] = [
    await countCalls(scene, 'backup'),
    await countCalls(scene, 'verify'),
    await countCalls(scene, 'restore'),
  ];
  await tidyUp(scene);
  return {undergo: (accident) => undergo(scene, {backup, verify, restore}, accident)};
}

async function countCalls(scene: Scene, task: Task): Promise<number> {
  const hold = await holdAt(scene.site.host, Number.MAX_SAFE_INTEGER);
  await succeeds(scene, wordsFor(scene, task), `a ${task} to which nothing happens`);
  const calls = await hold.calls();
  await hold.release();
  return calls;
}

async function undergo(scene: Scene, calls: Calls, accident: Accident): Promise<Met> {
  const {site, recording, whole} = scene;
  const {task} = accident;
  if (task === 'restore') await markSite(site);
  const met = await suffer(scene, calls, accident);
  const {ended} = met;
  const what = `${JSON.stringify(accident)} at ${met.at}\n${told(ended)}`;
  assertClear(ended, what);
  await proveEnd(scene, what);
  await proveData(scene, what);
  if (task === 'restore') await proveRestore(scene, ended, what);
  else await proveUntouched(scene, ended, what);
  if (task === 'backup') await proveBackups(scene, ended, what);
  await removeNamed(scene, ended);
  await succeeds(scene, wordsFor(scene, task, whole.folder), `the next ${task} after ${what}`);
  assert.deepEqual(await troubles(site, ROOT), [], `after the next ${task}: ${what}`);
  assert.deepEqual(await recording.differences(), [], `after the next ${task}: ${what}`);
  await tidyUp(scene);
  return met;
}

async function suffer(scene: Scene, calls: Calls, accident: Accident): Promise<Met> {
  const {site, home, whole} = scene;
  const {task, kind, at, from, hasSafety} = accident;
  if (isDamage(kind)) {
    const damaged = await damagedCopy(site.host, whole, home.folder, {...accident, kind});
    return {at: from, ended: await home.run(...wordsFor(scene, task, damaged, hasSafety))};
  }
  const all = calls[task] + (task === 'restore' && hasSafety ? calls.backup : 0);
  const words = wordsFor(scene, task, whole[from], hasSafety);
  const call = 1 + Math.floor(at * all);
  return strike({host: site.host, root: ROOT}, {...accident, kind}, call, () => home.start(...words));
}

/** A database of before that a restore could not remove, it has named: so that somebody does. */
async function removeNamed({site}: Scene, {stderr}: Ended): Promise<void> {
  const [, left] = stderr.match(/not removed: the database (ftask_old_\w+)/) ?? [];
  if (left !== undefined) await site.postgres.sql(`DROP DATABASE ${left}`);
}

async function tidyUp({site, local, whole}: Scene): Promise<void> {
  const name = basename(whole.folder);
  await site.host.sh(
    `cd ${ROOT}; for one in *; do case $one in ${name} | ${name}.tar.gz*) ;; *) /usr/bin/rm -rf "$one" ;; esac; done`,
  );
  for (const one of await readdir(local)) if (!one.startsWith(`${name}.`)) await rm(join(local, one));
}
