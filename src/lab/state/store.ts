/** Everything in the lab, in memory, found by id and by the relations that EC2's rules ask about. */
import type {Change, Put} from './changes.ts';
import type {Kind, Snapshot, Tables} from './entities.ts';
import {Relation} from './relation.ts';

/** The rows of one kind and region, in the order they were made; what was deleted leaves a gap. */
interface Table<T> {
  readonly rows: (T | undefined)[];
  count: number;
}

export class Store {
  readonly #tables = new Map<string, Table<Tables[Kind]>>();
  /** Of each id the place in its table, counted from 1. */
  readonly #positions = new Map<string, number>();
  readonly #volumesOfInstance = new Relation();
  readonly #snapshotsOfLineage = new Relation();
  readonly #imagesOfSnapshot = new Relation();
  readonly #unsettled = new Relation();

  /** The entity of this kind and id in this region. */
  get<K extends Kind>(kind: K, region: string, id: string): Tables[K] | undefined {
    const row = this.#table(kind, region).rows[this.positionOf(id) - 1];
    return row?.id === id ? row : undefined;
  }

  /** All of a kind in a region, in the order they were made; those after a position are found without a look at the others. */
  *all<K extends Kind>(kind: K, region: string, after = 0): Generator<Tables[K]> {
    const {rows} = this.#table(kind, region);
    for (let place = after; place < rows.length; place++) {
      const row = rows[place];
      if (row) yield row;
    }
  }

  /** How many of a kind a region has. */
  count(kind: Kind, region: string): number {
    return this.#table(kind, region).count;
  }

  /** Where an entity stands in the order of creation among those of its kind and region; paging continues after a position. */
  positionOf(id: string): number {
    return this.#positions.get(id) ?? 0;
  }

  /** The volumes with an attachment to the instance, detached ones included until they are written again. */
  volumesOf(region: string, instanceId: string): Tables['volume'][] {
    return this.#pick('volume', region, this.#volumesOfInstance.of(instanceId));
  }

  /** The snapshots in a region whose line began at this volume, copies included. */
  snapshotsOf(region: string, volumeId: string): Snapshot[] {
    return this.#pick('snapshot', region, this.#snapshotsOfLineage.of(region + volumeId));
  }

  /** The images that use a snapshot. */
  imagesOf(region: string, snapshotId: string): Tables['image'][] {
    return this.#pick('image', region, this.#imagesOfSnapshot.of(snapshotId));
  }

  /** The snapshots of a region that are still pending at `now`. */
  pendingSnapshots(region: string, now: number): Snapshot[] {
    const pending: Snapshot[] = [];
    for (const snapshot of this.#pick('snapshot', region, this.#unsettled.of(region))) {
      if (snapshot.completesAt > now) pending.push(snapshot);
      else this.#unsettled.remove(region, snapshot.id);
    }
    return pending;
  }

  /** Applies changes in order. */
  apply(changes: Iterable<Change>): void {
    for (const change of changes) {
      if (change[0] === 'put') this.#put(change);
      else this.#delete(change[1], change[2], change[3]);
    }
  }

  /** Every entity as the change that would make it, in the order they were made within a table. */
  *entries(): Generator<Put> {
    for (const [key, table] of this.#tables) {
      const kind = key.slice(0, key.indexOf('/')) as Kind;
      for (const entity of table.rows) if (entity) yield ['put', kind, entity] as Put;
    }
  }

  /** How many entities there are. */
  get size(): number {
    return this.#positions.size;
  }

  #put([, kind, entity]: Put): void {
    const table = this.#table(kind, entity.region);
    const old = this.get(kind, entity.region, entity.id);
    if (old) {
      this.#relate(kind, old, 'remove');
      table.rows[this.positionOf(entity.id) - 1] = entity;
    } else {
      this.#positions.set(entity.id, table.rows.push(entity));
      table.count += 1;
    }
    this.#relate(kind, entity, 'add');
  }

  #delete(kind: Kind, region: string, id: string): void {
    const old = this.get(kind, region, id);
    if (!old) return;
    const table = this.#table(kind, region);
    this.#relate(kind, old, 'remove');
    table.rows[this.positionOf(id) - 1] = undefined;
    table.count -= 1;
    this.#positions.delete(id);
  }

  #relate(kind: Kind, entity: Tables[Kind], verb: 'add' | 'remove'): void {
    if (kind === 'volume') {
      for (const {instanceId} of (entity as Tables['volume']).attachments) {
        this.#volumesOfInstance[verb](instanceId, entity.id);
      }
    }
    if (kind === 'snapshot') {
      const snapshot = entity as Snapshot;
      this.#snapshotsOfLineage[verb](snapshot.region + snapshot.lineage, snapshot.id);
      if (snapshot.completesAt > snapshot.createdAt) this.#unsettled[verb](snapshot.region, snapshot.id);
    }
    if (kind === 'image') {
      for (const {snapshotId} of (entity as Tables['image']).disks) {
        this.#imagesOfSnapshot[verb](snapshotId, entity.id);
      }
    }
  }

  #table<K extends Kind>(kind: K, region: string): Table<Tables[K]> {
    const key = `${kind}/${region}`;
    let table = this.#tables.get(key);
    if (!table) {
      table = {rows: [], count: 0};
      this.#tables.set(key, table);
    }
    return table as Table<Tables[K]>;
  }

  #pick<K extends Kind>(kind: K, region: string, ids: Iterable<string>): Tables[K][] {
    return [...ids].flatMap((id) => this.get(kind, region, id) ?? []);
  }
}
