/** Which tags a set of snapshots gets: its identity, the operator's, the instance's, its volumes'. Pure. */
import {inheritable, isReserved, MAX_TAGS, type Tags} from '../ec2/tags.ts';

export interface TagSources {
  /** ftask's own: never left out. */
  readonly identity: Tags;
  /** What the operator asks for: never left out. */
  readonly extra: Tags;
  readonly instance: Tags;
  /** One record a volume. */
  readonly volumes: readonly Tags[];
}

export interface SetTags {
  readonly tags: Tags;
  /** AWS is to add each volume's tags to its snapshot. */
  readonly copyVolumeTags: boolean;
  /** Keys of tags that had no room or could not be told apart by volume. */
  readonly dropped: readonly string[];
}

/** ftask's own tags in the worst case, so that what is left for the operator's is known beforehand. */
const IDENTITY_ROOM = 12;
/** Tags that an operator may add to all snapshots. */
export const EXTRA_TAG_ROOM = MAX_TAGS - IDENTITY_ROOM;

/**
 * On equal keys identity wins over the operator's tags, those over the instance's, those over the
 * volume's. AWS applies one list to all snapshots of a call and can add the volumes' tags itself, but
 * does not say which wins on an equal key; so it is asked to only where no key is in both.
 */
export function setTags({identity, extra, instance, volumes}: TagSources): SetTags {
  const firm = {...extra, ...identity};
  const [inherited, noRoom] = fit(inheritable(instance), firm);
  const mine = {...inherited, ...firm};
  const theirs = volumes.map((tags) => inheritable(tags));
  const room = MAX_TAGS - Object.keys(mine).length;

  const keys = new Set(theirs.flatMap((tags) => Object.keys(tags)));
  // AWS copies tags with empty values, too.
  const copied = volumes.map((tags) => Object.keys(tags).filter((key) => !isReserved(key)));
  const overlap = copied.some((own) => own.some((key) => key in mine));
  const most = Math.max(0, ...copied.map(({length}) => length));
  if (theirs.length > 1 && keys.size > 0 && !overlap && most <= room) {
    return {tags: mine, copyVolumeTags: true, dropped: noRoom};
  }

  const [common, noRoomCommon] = fit(commonTags(theirs), mine);
  const tags = {...common, ...mine};
  const differing = [...keys].filter((key) => !(key in tags) && !noRoomCommon.includes(key));
  return {tags, copyVolumeTags: false, dropped: [...noRoom, ...noRoomCommon, ...differing]};
}

/** As many of the tags as there is room for beside those that stay, and the keys of the others. */
function fit(tags: Tags, firm: Tags): [Tags, string[]] {
  const entries = Object.entries(tags).filter(([key]) => !(key in firm));
  const room = Math.max(0, MAX_TAGS - Object.keys(firm).length);
  return [Object.fromEntries(entries.slice(0, room)), entries.slice(room).map(([key]) => key)];
}

function commonTags([first, ...others]: readonly Tags[]): Tags {
  return Object.fromEntries(
    Object.entries(first ?? {}).filter(([key, value]) => others.every((tags) => tags[key] === value)),
  );
}
