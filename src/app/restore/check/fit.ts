/** Whether a snapshot can be restored on this host: whose it is, what the host has, and whether there is room. */
import {RefusedError} from '../../../errors.ts';
import type {Application} from '../../application.ts';
import type {Metadata} from '../../snapshot/metadata.ts';
import type {Ids} from '../plan/attributes.ts';
import {entriesIn, type Steps} from '../plan/steps.ts';
import {idsOf} from './ids.ts';
import type {Snapshot} from './integrity.ts';
import {linkProblems} from './links.ts';
import {lookAtMachine} from './needs.ts';
import {checkRoom, databaseWants, type Want} from './room.ts';
import type {Looking} from './source.ts';
import {roleProblems, type Standings, standingsOf, useProblems} from './standings.ts';

export interface FitRequest {
  readonly application: Application;
  readonly snapshot: Snapshot;
  readonly steps: Steps;
  /** The host that is meant, whichever the snapshot is of. */
  readonly targetHost?: string;
  /** Whether a backup is made first. */
  readonly hasSafety: boolean;
}

/** The host as it is before anything is changed. */
export interface Fit {
  readonly standings: Standings;
  readonly ids: Ids;
}

/** Looks at everything and changes nothing. @throws RefusedError, which tells all that is wrong; CommandFailed */
export async function checkFit(from: Looking, request: FitRequest): Promise<Fit> {
  const {steps, application, hasSafety} = request;
  const [machine, links, standings, ids] = await Promise.all([
    lookAtMachine(from, application, steps),
    linkProblems(from, steps),
    standingsOf(from, steps.databases),
    idsOf(from, entriesIn(steps)),
  ]);
  checkHost(from, request, machine.hostname);
  const databases = [roleProblems, useProblems].flatMap((find) => find(steps.databases, standings));
  const problems = [...machine.problems, ...links, ...databases];
  if (problems.length > 0) {
    throw new RefusedError(
      'CannotRestore',
      `${from.host.name}: ${application.name} cannot be restored: ${problems.join('; ')}`,
      {hint: 'nothing was changed'},
    );
  }
  const trees: Want[] = steps.trees.map(({component: {path}, bytes}) => ({kind: 'instead', path, bytes}));
  // A safety backup looks for its own room, and what is kept aside is then linked to it.
  const keptIn = hasSafety ? '' : application.root;
  await checkRoom(from, [...databaseWants(steps.databases, standings), ...trees], keptIn);
  return {standings, ids};
}

/** @throws RefusedError `OtherHost` */
function checkHost({host}: Looking, {snapshot, targetHost}: FitRequest, hostname: string): void {
  const {metadata} = snapshot;
  const isMeant = targetHost === undefined || targetHost === host.name || targetHost === hostname;
  if (!isMeant)
    throw new RefusedError('OtherHost', `${host.name} is not ${targetHost}, which --target-host names`);
  if (targetHost !== undefined || isOf(metadata, [host.name, hostname])) return;
  const of = metadata.hostname || metadata.host;
  throw new RefusedError('OtherHost', `${host.name}: ${snapshot.source.shown} is of the host ${of}`, {
    hint: `if it is meant for this one: --target-host ${host.name}; nothing was changed`,
  });
}

/** What a host calls itself counts; older tools kept only what they called it. */
function isOf({host, hostname}: Metadata, [name, itself]: readonly [string, string]): boolean {
  return hostname === '' ? host === name || host === itself : hostname === itself;
}
