/** What the changes of one request mean for disks and machines. Pure. */
import type {Change, Changes} from '../state/changes.ts';
import type {Attachment, Instance, Kind, Snapshot, Tables, Volume} from '../state/entities.ts';
import type {Store} from '../state/store.ts';

/** A volume as one instance has it. */
export interface Plug {
  readonly volume: Volume;
  readonly attachment: Attachment;
}

export interface Effects {
  readonly newVolumes: readonly Volume[];
  readonly goneVolumes: readonly Volume[];
  /** Of volumes, all of one instant. */
  readonly newSnapshots: readonly Snapshot[];
  /** But those that will fail, which never have any blocks. */
  readonly copies: readonly Snapshot[];
  /** Nothing can be made of them any more. */
  readonly goneSnapshots: readonly Snapshot[];
  readonly starts: readonly Instance[];
  readonly stops: readonly Instance[];
  readonly reboots: readonly Instance[];
  /** From and to instances that neither start nor stop. */
  readonly attached: readonly Plug[];
  readonly detached: readonly Plug[];
  /** Whether instances have changed in any way, be it their names. */
  readonly hasInstances: boolean;
}

/** What is to be done, given what is there before the changes are applied. */
export function effectsOf({list}: Changes, before: Store): Effects {
  const volumes = revisions('volume', list, before);
  const snapshots = revisions('snapshot', list, before);
  const instances = revisions('instance', list, before);
  const made = snapshots.flatMap(({old, next}) => (next && !old ? [next] : []));
  const moved = instances.flatMap(({old, next}) => (next && next.state !== old?.state ? [next] : []));
  const isMoved = new Set(moved.map(({id}) => id));
  const plugs = volumes.flatMap(changedPlugs).filter(({attachment}) => !isMoved.has(attachment.instanceId));
  return {
    newVolumes: volumes.flatMap(({old, next}) => (next && !old ? [next] : [])),
    goneVolumes: volumes.flatMap(({old, next}) => (old && !next ? [old] : [])),
    newSnapshots: made.filter(({copyOf}) => copyOf === undefined),
    copies: made.filter(({copyOf, failure}) => copyOf !== undefined && failure === undefined),
    goneSnapshots: snapshots.flatMap(({old, next}) => (old && isGone(next) ? [old] : [])),
    starts: moved.filter(({state}) => state.after === 'running'),
    stops: moved.filter(({state}) => state.after === 'stopped' || state.after === 'terminated'),
    reboots: instances.flatMap(({old, next}) =>
      next && old && next.rebootedAt !== old.rebootedAt ? [next] : [],
    ),
    attached: plugs.filter(({attachment}) => attachment.state.after === 'attached'),
    detached: plugs.filter(({attachment}) => attachment.state.after === 'detached'),
    hasInstances: instances.length > 0,
  };
}

/** The volumes that an instance will have when the changes are applied, the root volume first, then by device. */
export function plugsAfter({id, region, rootDevice}: Instance, {list}: Changes, before: Store): Plug[] {
  const volumes = new Map(before.volumesOf(region, id).map((volume) => [volume.id, volume]));
  for (const {old, next} of revisions('volume', list, before)) {
    if (next) volumes.set(next.id, next);
    else if (old) volumes.delete(old.id);
  }
  const plugs = [...volumes.values()].flatMap((volume) =>
    volume.attachments
      .filter(({instanceId, state}) => instanceId === id && state.after === 'attached')
      .map((attachment) => ({volume, attachment})),
  );
  const order = ({attachment: {device}}: Plug) => (device === rootDevice ? '' : device);
  return plugs.sort((a, b) => (order(a) < order(b) ? -1 : 1));
}

/** An entity before and after; of several changes to one the last counts. */
interface Revision<K extends Kind> {
  readonly old: Tables[K] | undefined;
  readonly next: Tables[K] | undefined;
}

function revisions<K extends Kind>(kind: K, list: readonly Change[], before: Store): Revision<K>[] {
  const byId = new Map<string, Revision<K>>();
  for (const change of list) {
    if (change[1] !== kind) continue;
    const [region, id] = change[0] === 'put' ? [change[2].region, change[2].id] : [change[2], change[3]];
    const next = change[0] === 'put' ? (change[2] as Tables[K]) : undefined;
    byId.set(id, {old: before.get(kind, region, id), next});
  }
  return [...byId.values()];
}

/** Entities are never changed, so what is another object is another attachment. */
function changedPlugs({old, next}: Revision<'volume'>): Plug[] {
  if (!next) return [];
  return next.attachments
    .filter((attachment) => !old?.attachments.includes(attachment))
    .map((attachment) => ({volume: next, attachment}));
}

function isGone(snapshot: Snapshot | undefined): boolean {
  return snapshot === undefined || snapshot.deletedAt !== undefined;
}
