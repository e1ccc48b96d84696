/** Where snapshots of an application are removed: on the host and here, each by a policy of its own. */
import type {Host} from '../../host/host.ts';
import type {Policy} from '../../retention/policy.ts';
import type {Application, Keep} from '../application.ts';
import {SAFETY_PREFIX} from '../snapshot/name.ts';
import {finishRemovals, listHere, removeHere, sizesHere} from './here.ts';
import type {ListedSnapshot, Listing} from './listing.ts';
import {listOnHost, removeOnHost, sizesOnHost} from './on-host.ts';

export interface Place {
  readonly isHere: boolean;
  readonly folder: string;
  /** As people know it. */
  readonly shown: string;
  readonly policy: Policy;
  readonly rules: Keep;
  list(): Promise<Listing>;
  /** Bytes of each. */
  sizes(snapshots: readonly ListedSnapshot[]): Promise<readonly number[]>;
  remove(snapshot: ListedSnapshot): Promise<void>;
  /** Finishes what a run that died was removing; returns what. */
  finish(): Promise<readonly string[]>;
}

/** Those with a policy; here only when an archive came. Safety backups are judged beside the others, by themselves. */
export function placesOf(
  host: Host,
  application: Application,
  hasCome: boolean,
  signal: AbortSignal,
): Place[] {
  const {name, root, prefix, keep, fetch} = application;
  const judging = {application: name, prefixes: [prefix, SAFETY_PREFIX]};
  const places: Place[] = [];
  if (keep?.onHost) {
    places.push({
      isHere: false,
      folder: root,
      shown: `${host.name}:${root}`,
      policy: keep.onHost,
      rules: keep,
      list: () => listOnHost(host, root, judging, signal),
      sizes: (snapshots) => sizesOnHost(host, root, snapshots, signal),
      remove: (snapshot) => removeOnHost(host, root, snapshot, signal),
      // Every backup begins so.
      finish: async () => [],
    });
  }
  if (keep?.here && fetch && hasCome) {
    const {dir} = fetch;
    places.push({
      isHere: true,
      folder: dir,
      shown: dir,
      policy: keep.here,
      rules: keep,
      list: () => listHere(dir, host.name, judging),
      sizes: (snapshots) => sizesHere(dir, snapshots),
      remove: (snapshot) => removeHere(dir, snapshot),
      finish: () => finishRemovals(dir),
    });
  }
  return places;
}
