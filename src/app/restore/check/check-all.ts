/** All that is checked of a snapshot that was found to be whole, before it is restored. */
import type {Application} from '../../application.ts';
import {strangers} from '../plan/attributes.ts';
import {entriesIn, type Steps, stepsOf} from '../plan/steps.ts';
import {checkDump} from './dump.ts';
import {checkExcludes} from './excludes.ts';
import {extraFiles} from './extra-files.ts';
import {checkFit, type Fit, type FitRequest} from './fit.ts';
import type {Snapshot} from './integrity.ts';
import type {Looking} from './source.ts';
import {slotLosses} from './standings.ts';
import {checkSudoRules} from './sudo-rules.ts';

export interface Checked {
  readonly application: Application;
  readonly snapshot: Snapshot;
  readonly steps: Steps;
  readonly fit: Fit;
}

/** Checks what can be loaded, and whether it fits the host; dumps and rules only where it is unpacked. @throws BadSnapshot, RefusedError */
export async function checkAll(
  from: Looking,
  request: Omit<FitRequest, 'steps'>,
  warn: (text: string) => void,
): Promise<Checked> {
  const {application, snapshot} = request;
  const steps = stepsOf(application, snapshot);
  if (snapshot.folder !== undefined) {
    for (const database of steps.databases) await checkDump(from, snapshot, database);
    await checkSudoRules(from, snapshot, steps.files);
    await checkExcludes(from, snapshot, steps.trees);
  }
  const fit = await checkFit(from, {...request, steps});
  const unknown = strangers(entriesIn(steps), fit.ids);
  const losses = [...emptied(steps), ...slotLosses(steps.databases, fit.standings)];
  for (const text of [...snapshot.doubts, ...steps.left, ...losses]) warn(text);
  for (const path of await extraFiles(from, steps.files))
    warn(`stays, though the backup does not have it: ${path}`);
  if (unknown.length > 0)
    warn(`not known on this host, so what is theirs gets their numbers: ${unknown.join(', ')}`);
  return {application, snapshot, steps, fit};
}

/** A folder whose disk was not mounted looks so. */
function emptied({trees}: Steps): string[] {
  return trees
    .filter(({entries}) => entries.every(({type}) => type === 'dir'))
    .map(({component: {name, path}}) => `${name}: ${path} becomes empty: the backup has no files of it`);
}
