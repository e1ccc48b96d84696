/** Everything that the script of a restore needs is put on the host, before it is started. */
import {randomBytes} from 'node:crypto';
import {sh} from '../../host/command.ts';
import type {Host} from '../../host/host.ts';
import type {Application} from '../application.ts';
import {inPrivate} from '../backup/site.ts';
import type {Fit} from './check/fit.ts';
import type {Snapshot} from './check/integrity.ts';
import {maintenanceFor, traitsFor} from './check/standings.ts';
import {type About, aboutLine} from './follow/state.ts';
import {restorePlaces} from './places.ts';
import {attributesOf, ownerOf} from './plan/attributes.ts';
import type {Steps} from './plan/steps.ts';
import {restoreScript, type ScriptWords} from './script/restore-script.ts';

/** So that the script can write its last lines when the disk is full. */
const ROOM_BYTES = 65_536;

export interface Preparation {
  readonly application: Application;
  readonly snapshot: Snapshot;
  /** The folder on the host that the snapshot is in. */
  readonly folder: string;
  readonly steps: Steps;
  readonly fit: Fit;
  /** The folder of the safety backup. */
  readonly safety: string | undefined;
  readonly about: About;
}

/** Puts the script, the lists and the state file in their folder, which is there. @throws what `Host.put` throws */
export async function prepareScript(
  host: Host,
  preparation: Preparation,
  signal: AbortSignal,
): Promise<void> {
  const {application, steps, fit, about} = preparation;
  const places = restorePlaces(application.root);
  const manner = {sudo: true, mode: 0o600, signal};
  await host.run(
    inPrivate(
      sh`mkdir -p -- ${places.lists} && head -c ${ROOM_BYTES} /dev/zero >${places.folder}/room`.text,
      {
        signal,
      },
    ),
  );
  for (const [at, tree] of steps.trees.entries()) {
    const content = Buffer.from(attributesOf(tree, fit.ids), 'latin1');
    await host.put({content}, `${places.lists}/tree-${at}`, manner);
  }
  await host.put({content: restoreScript(wordsOf(preparation))}, places.script, manner);
  await host.put({content: aboutLine(about)}, places.state, manner);
}

function wordsOf({application, folder, steps, fit, safety}: Preparation): ScriptWords {
  const id = randomBytes(4).toString('hex');
  const databases = application.components.filter(({kind}) => kind === 'postgres');
  return {
    places: restorePlaces(application.root),
    application,
    databases: steps.databases.map((step, at) => {
      const standing = fit.standings.get(step.component.name);
      return {
        step,
        folder,
        fresh: `ftask_new_${id}_${at}`,
        old: `ftask_old_${id}_${at}`,
        exists: standing?.traits !== undefined,
        traits: traitsFor(step.traits, standing),
        maintenance: maintenanceFor(steps.databases),
        passwordAt: step.component.password ? databases.indexOf(step.component) + 1 : 0,
      };
    }),
    trees: steps.trees.map(({component}) => ({
      component,
      source: `${folder}/${component.into}`,
      ...(safety !== undefined && {safety: `${safety}/${component.into}`}),
    })),
    files: steps.files.map(({path, target, entry}) => ({
      source: `${folder}/${path}`,
      target,
      mode: entry.mode,
      owner: ownerOf(entry, fit.ids),
    })),
  };
}
