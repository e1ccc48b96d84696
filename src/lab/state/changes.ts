/** The changes that one request makes: applied and written together, or not at all. */
import type {Kind, Tables} from './entities.ts';

export type Put = {[K in Kind]: readonly ['put', K, Tables[K]]}[Kind];
export type Removal = readonly ['delete', Kind, region: string, id: string];
export type Change = Put | Removal;

/** Collects changes; nothing is seen by anyone before the store applies them. */
export class Changes {
  readonly list: Change[] = [];

  /** Makes an entity or replaces the one of its id. */
  put(...[kind, entity]: PutArguments): void {
    this.list.push(['put', kind, entity] as Put);
  }

  /** As `put`, for an entity whose kind is not known beforehand. */
  replace<K extends Kind>(kind: K, entity: Tables[K]): void {
    this.list.push(['put', kind, entity] as unknown as Put);
  }

  /** Removes an entity. */
  delete(kind: Kind, {region, id}: {readonly region: string; readonly id: string}): void {
    this.list.push(['delete', kind, region, id]);
  }
}

type PutArguments = {[K in Kind]: [kind: K, entity: Tables[K]]}[Kind];
