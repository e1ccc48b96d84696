/** What a replica carries so that it is known for one, by ftask and by django_fabfile. Pure. */
import {isReserved, MAX_TAGS, type Tags} from '../ec2/tags.ts';
import {lineageOf, type Source, VERIFY_TAG} from './plan/source.ts';

export interface ReplicaIdentity {
  readonly tags: Tags;
  readonly description: string;
  /** Keys of the source's tags that there was no room for. */
  readonly dropped: readonly string[];
}

/** What is true of the source only: that somebody holds it, that it is temporary, which volumes its set has, what it was compared with. */
const NOT_INHERITED = /^ftask:(pin$|temporary|devices|verify$)/;

export interface IdentityWish {
  /** Keys that keep their room, as the tag that snapshots are chosen by. */
  readonly always?: readonly string[];
  /** Its blocks will be compared. */
  readonly compares?: boolean;
}

/** The tags and the description of its replica, for the call that makes it. */
export function replicaIdentity(
  source: Source,
  run: string,
  {always = [], compares = false}: IdentityWish = {},
): ReplicaIdentity {
  const {origin, id, region, description} = source;
  const {volume, device} = origin;
  const identity: Tags = {
    'ftask:volume': volume,
    ...(device !== undefined && {'ftask:device': device}),
    'ftask:region': lineageOf(source)?.bornIn ?? region,
    'ftask:time': new Date(origin.timeMs).toISOString(),
    'ftask:source-snapshot': id,
    'ftask:run': run,
    ...(compares && {[VERIFY_TAG]: 'pending'}),
  };
  const inherited = Object.entries(source.tags).filter(
    ([key]) => !isReserved(key) && !NOT_INHERITED.test(key) && !(key in identity),
  );
  const isFirm = (key: string): boolean => key.startsWith('ftask:') || always.includes(key);
  const ordered = [...inherited.filter(([key]) => isFirm(key)), ...inherited.filter(([key]) => !isFirm(key))];
  const room = MAX_TAGS - Object.keys(identity).length;
  return {
    tags: {...Object.fromEntries(ordered.slice(0, room)), ...identity},
    description,
    dropped: ordered.slice(room).map(([key]) => key),
  };
}
