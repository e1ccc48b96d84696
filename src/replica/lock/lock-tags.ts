/** The lock of a volume's replication into a region, as the key pair that it is: its name, and what its tags tell. Pure. */
import {createHash} from 'node:crypto';
import {readTemporary, temporaryTags} from '../../ec2/scratch/temporary-tag.ts';
import {type Tags, tagsOf} from '../../ec2/tags.ts';
import {type Lineage, lineageKey} from '../plan/source.ts';
import type {Owner} from './owner.ts';

/** What the tags of a lock are made of. */
export interface LockFacts {
  readonly run: string;
  /** All locks that one process holds in a region share it: the run and 8 hexadecimal digits. */
  readonly scratch: string;
  readonly owner: Owner;
  readonly sinceMs: number;
}

/** A lock as it is found. */
export interface Holder {
  readonly id: string;
  readonly name: string;
  /** What its tags say; nothing when they are none of ours. */
  readonly facts?: LockFacts & {readonly aliveMs: number; readonly expiresMs: number};
}

const OWNER = 'ftask:owner';
const PROCESS = 'ftask:process';
const SINCE = 'ftask:since';
const ALIVE = 'ftask:alive';

/** Of 255 characters that EC2 takes, and the same wherever it is asked for. */
export function lockName(lineage: Lineage): string {
  return `ftask-replica-${createHash('sha256').update(lineageKey(lineage)).digest('hex').slice(0, 16)}`;
}

/** In the creating call: what is locked, by whom, since when. It is temporary, so `ftask cleanup` knows it when it has expired. */
export function lockTags({volume, bornIn}: Lineage, facts: LockFacts, beat: Beat): Tags {
  const {owner, sinceMs} = facts;
  return {
    'ftask:lock': `replication of ${volume} of ${bornIn}`,
    [OWNER]: owner.name,
    ...(owner.process !== undefined && {[PROCESS]: owner.process}),
    [SINCE]: new Date(sinceMs).toISOString(),
    ...beatTags(facts, beat),
  };
}

/** A sign of life. */
export interface Beat {
  readonly nowMs: number;
  readonly expiryMs: number;
}

/** What is renewed with every sign of life. */
export function beatTags({run, scratch}: Pick<LockFacts, 'run' | 'scratch'>, {nowMs, expiryMs}: Beat): Tags {
  return {
    ...temporaryTags({run, scratch, expiresMs: nowMs + expiryMs}),
    [ALIVE]: new Date(nowMs).toISOString(),
  };
}

/** A key pair as EC2 lists it. */
export interface ListedKeyPair {
  readonly KeyPairId?: string | undefined;
  readonly KeyName?: string | undefined;
  readonly Tags?: Parameters<typeof tagsOf>[0];
}

/** Reads a key pair that has the name of a lock. */
export function readLock({KeyPairId: id = '', KeyName: name = '', Tags}: ListedKeyPair): Holder {
  const tags = tagsOf(Tags);
  const temporary = readTemporary(tags);
  const [sinceMs, aliveMs] = [Date.parse(tags[SINCE] ?? ''), Date.parse(tags[ALIVE] ?? '')];
  if (!temporary || Number.isNaN(sinceMs) || Number.isNaN(aliveMs)) return {id, name};
  const owner = {name: tags[OWNER] ?? 'somebody', process: tags[PROCESS]};
  return {id, name, facts: {...temporary, owner, sinceMs, aliveMs}};
}
