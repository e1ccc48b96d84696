/**
 * What a snapshot is of. AWS forgets it at the first copy (the volume's id becomes a dummy, the time
 * the copy's own), so ftask writes it into tags, and into django_fabfile's JSON description. This is
 * the one place that reads and writes both; nothing here touches AWS.
 */
import type {Snapshot as RawSnapshot} from '@aws-sdk/client-ec2';
import type {Instance} from '../instances.ts';
import {type Tags, tagsOf} from '../tags.ts';

/** How consistent the data is: filesystems frozen, synced to disk, or as after a power cut. */
export type Consistency = 'frozen' | 'synced' | 'crash';

/** What is known of where a snapshot comes from. */
export interface Origin {
  readonly volume: string;
  readonly instance?: string;
  readonly device?: string;
  /** The region the data was born in. */
  readonly region?: string;
  /** The point in time of the data, milliseconds since the epoch. */
  readonly timeMs: number;
  readonly run?: string;
  /** The same for all snapshots of one call. */
  readonly set?: string;
  readonly consistency?: Consistency;
  /** On a copy: what it is a copy of. */
  readonly sourceSnapshot?: string;
}

/** All volumes of one instance, snapshotted by one call. */
export interface SetOrigin {
  readonly instance: Instance;
  readonly region: string;
  readonly timeMs: number;
  readonly run: string;
  readonly set: string;
  readonly consistency: Consistency;
  readonly volumes: readonly {readonly id: string; readonly device: string}[];
}

const MAX_TAG_VALUE = 256;
/** AWS documents no limit; this is what is known to work. */
const MAX_DESCRIPTION = 255;

/**
 * The identity tags of a set. One call gives all its snapshots the same tags, so the volume and the
 * device are told as a list (`vol-1=/dev/sda1 vol-2=/dev/sdf`) when there are several of them.
 */
export function originTags(origin: SetOrigin): Tags {
  const [first, ...others] = origin.volumes;
  const own: Tags =
    first && others.length === 0
      ? {'ftask:volume': first.id, 'ftask:device': first.device}
      : deviceList(origin.volumes);
  return {
    ...own,
    'ftask:instance': origin.instance.id,
    'ftask:region': origin.region,
    'ftask:time': new Date(origin.timeMs).toISOString(),
    'ftask:run': origin.run,
    'ftask:set': origin.set,
    ...consistencyTag(origin.consistency),
  };
}

/** What is set anew when it is proved that more was reached than the creating call could promise. */
export function consistencyTag(consistency: Consistency): Tags {
  return {'ftask:consistency': consistency};
}

/**
 * django_fabfile's description, which it reads to group and trim. It takes the volume from the
 * snapshot itself where the description names none, as in a set of several.
 */
export function originDescription({instance, region, timeMs, volumes}: SetOrigin): string {
  const [first, ...others] = volumes;
  const single = first && others.length === 0 ? first : undefined;
  const base = {
    ...(single && {Volume: single.id}),
    Region: region,
    ...(single && {Device: single.device}),
    Instance: instance.id,
    Time: new Date(timeMs).toISOString().slice(0, 19),
  };
  const full = {
    ...base,
    Type: instance.type,
    Arch: instance.architecture,
    Root_dev_name: instance.rootDevice,
  };
  const text = JSON.stringify(full);
  return text.length <= MAX_DESCRIPTION ? text : JSON.stringify(base);
}

/** Reads where a snapshot comes from: ftask's tags, else django_fabfile's description, else what AWS says. */
export function readOrigin(snapshot: RawSnapshot): Origin {
  const tags = tagsOf(snapshot.Tags);
  const described = readDescription(snapshot.Description);
  const volume = volumeOf(snapshot, tags, described);
  const timeMs =
    readTime(tags['ftask:time']) ?? readTime(described['Time']) ?? snapshot.StartTime?.getTime() ?? 0;
  return {
    volume,
    timeMs,
    ...defined({
      instance: tags['ftask:instance'] ?? described['Instance'],
      device: deviceFrom(tags, volume) ?? described['Device'],
      region: tags['ftask:region'] ?? described['Region'],
      run: tags['ftask:run'],
      set: tags['ftask:set'],
      consistency: tags['ftask:consistency'] as Consistency | undefined,
      sourceSnapshot: tags['ftask:source-snapshot'],
    }),
  };
}

/** Whether a description is one that django_fabfile makes, which tells of what, where and when it was taken. */
export function isDescribedByFabfile(text: string | undefined): boolean {
  const described = readDescription(text);
  const isOfSomething = described['Volume'] !== undefined || described['Instance'] !== undefined;
  return isOfSomething && described['Region'] !== undefined && readTime(described['Time']) !== undefined;
}

/** AWS gives this as the volume of every copy, and promises no more than an arbitrary one. Source: CopySnapshot in the EC2 API reference. */
export const NO_VOLUME = 'vol-ffffffff';

function deviceList(volumes: SetOrigin['volumes']): Tags {
  const values: string[] = [];
  for (const {id, device} of volumes) {
    const pair = `${id}=${device}`;
    const last = values.at(-1);
    if (last !== undefined && last.length + 1 + pair.length <= MAX_TAG_VALUE) {
      values[values.length - 1] = `${last} ${pair}`;
    } else {
      values.push(pair);
    }
  }
  return Object.fromEntries(
    values.map((value, index) => [index === 0 ? 'ftask:devices' : `ftask:devices-${index + 1}`, value]),
  );
}

/** AWS knows best what an original is of: a volume may have been attached between listing and call. Of a copy it knows nothing. */
function volumeOf({VolumeId}: RawSnapshot, tags: Tags, described: Readonly<Record<string, string>>): string {
  const isCopy = tags['ftask:source-snapshot'] !== undefined || VolumeId === NO_VOLUME;
  if (tags['ftask:volume'] !== undefined && VolumeId !== undefined && !isCopy) return VolumeId;
  return tags['ftask:volume'] ?? described['Volume'] ?? (isCopy ? NO_VOLUME : (VolumeId ?? ''));
}

function deviceFrom(tags: Tags, volume: string): string | undefined {
  if (tags['ftask:volume'] === volume) return tags['ftask:device'];
  const pairs = Object.entries(tags).filter(([key]) => /^ftask:devices(-\d+)?$/.test(key));
  for (const pair of pairs.flatMap(([, value]) => value.split(' '))) {
    if (pair.startsWith(`${volume}=`)) return pair.slice(volume.length + 1);
  }
  return undefined;
}

/** Never fails: a description that is none of django_fabfile's gives nothing. */
function readDescription(text: string | undefined): Readonly<Record<string, string>> {
  try {
    const parsed: unknown = JSON.parse(text ?? '');
    if (typeof parsed !== 'object' || parsed === null) return {};
    return Object.fromEntries(
      Object.entries(parsed).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
    );
  } catch {
    return {};
  }
}

const TIME = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?)(Z|[+-]\d\d:?\d\d)?$/;

/**
 * A point in time as ftask and django_fabfile write it, which means UTC without saying so. Nothing else: Date.parse takes
 * `nightly 5` for a day in 2001.
 */
export function readTime(text: string | undefined): number | undefined {
  const [, day, time, zone = 'Z'] = TIME.exec(text ?? '') ?? [];
  const ms = Date.parse(`${day}T${time}${zone}`);
  return Number.isNaN(ms) ? undefined : ms;
}

function defined<T extends object>(record: T): {[K in keyof T]?: Exclude<T[K], undefined>} {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
