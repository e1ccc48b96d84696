/** The fleet of a lab file becomes entities, with the same ids for the same file. */
import {newId, seededRandom} from '../random.ts';
import {Changes} from '../state/changes.ts';
import {type Attachment, type SeededFilesystem, settled, type Tags, type Volume} from '../state/entities.ts';
import {reachMs} from './history/schema.ts';
import {seedHistories} from './history/seed.ts';
import {debianImages} from './images.ts';
import type {Fleet, FleetInstance, FleetVolume} from './schema.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

/** Everything that exists when the lab is opened for the first time; `now` is lab time. */
export function seedFleet(fleet: Fleet, now: number): Changes {
  const changes = new Changes();
  const random = seededRandom(fleet.seed);
  const bornAt = now - Math.max(30 * DAY_MS, ...fleet.history.map((history) => reachMs(history) + DAY_MS));
  for (const name of Object.keys(fleet.regions)) seedRegion(name, {fleet, changes, random, now, bornAt});
  seedHistories(fleet, changes, now);
  return changes;
}

interface Seeding {
  readonly fleet: Fleet;
  readonly changes: Changes;
  readonly random: () => number;
  readonly now: number;
  /** When everything was made: before its histories began. */
  readonly bornAt: number;
}

function seedRegion(name: string, seeding: Seeding): void {
  const {fleet, changes, random, bornAt} = seeding;
  const region = fleet.regions[name];
  if (!region) return;
  const [x86, arm] = debianImages(name, bornAt - 370 * DAY_MS, changes, random);
  changes.put('security-group', {
    ...born(newId('sg', random), name, seeding, {}),
    name: 'default',
    description: 'default VPC security group',
    vpcId: vpcOf(name),
    ingress: [],
  });
  const shared = new Map<string, Volume>();
  for (const [key, spec] of Object.entries(region.shared)) {
    shared.set(key, volumeOf(spec, {name, zone: region.zones[0] ?? 'a', seeding}));
  }
  for (const [key, spec] of Object.entries(region.instances)) {
    addInstance(key, spec ?? BARE, {
      name,
      shared,
      imageId: spec?.architecture === 'arm64' ? arm : x86,
      seeding,
    });
  }
  for (const volume of shared.values()) changes.put('volume', volume);
  for (const recipe of fleet.generate) {
    if (!recipe.regions.includes(name)) continue;
    const place = recipe.regions.indexOf(name);
    for (let number = place + 1; number <= recipe.instances; number += recipe.regions.length) {
      const volumes: FleetInstance['volumes'] = {};
      for (let disk = 0; disk < recipe.volumes; disk++) {
        volumes[DEVICES[disk] ?? `/dev/sd${disk}`] = {...PLAIN, size: recipe.size, tags: recipe.volume_tags};
      }
      addInstance(
        `host-${number}`,
        {...BARE, tags: recipe.tags, volumes},
        {name, shared, imageId: x86, seeding},
      );
    }
  }
}

const BARE: FleetInstance = {
  type: 't3.small',
  architecture: 'x86_64',
  state: 'running',
  zone: 'a',
  root: '/dev/xvda',
  tags: {},
  volumes: {},
};

const PLAIN: FleetVolume = {size: 8, type: 'gp3', tags: {}, encrypted: false, multi_attach: false};

const DEVICES = ['/dev/xvda', ...[...'fghijklmnopqrstuvwxyz'].map((letter) => `/dev/sd${letter}`)];

interface Place {
  readonly name: string;
  readonly shared: Map<string, Volume>;
  readonly imageId: string;
  readonly seeding: Seeding;
}

function addInstance(key: string, spec: FleetInstance, {name, shared, imageId, seeding}: Place): void {
  const {changes, random, now} = seeding;
  const id = newId('i', random);
  const isTerminated = spec.state === 'terminated';
  changes.put('instance', {
    ...born(id, name, seeding, {Name: key, ...spec.tags}),
    state: isTerminated
      ? {before: 'shutting-down', at: now, after: 'terminated'}
      : settled<'running' | 'stopped' | 'terminated'>(spec.state),
    reservationId: newId('r', random),
    type: spec.type,
    architecture: spec.architecture,
    imageId,
    zone: name + spec.zone,
    rootDevice: spec.root,
    isEbs: Object.keys(spec.volumes).length > 0 || isTerminated,
    privateIp: `10.${Math.floor(random() * 256)}.${Math.floor(random() * 256)}.${4 + Math.floor(random() * 250)}`,
    groupIds: [],
  });
  if (isTerminated) return;
  for (const [device, entry] of Object.entries(spec.volumes)) {
    const isRoot = device === spec.root;
    if (typeof entry === 'object' && 'shared' in entry) {
      const volume = shared.get(entry.shared);
      if (volume) shared.set(entry.shared, attach(volume, id, device, false));
      continue;
    }
    const disk = typeof entry === 'number' ? {...PLAIN, size: entry} : entry;
    const volume = volumeOf(disk, {name, zone: spec.zone, seeding});
    changes.put('volume', attach(volume, id, device, disk.delete_on_termination ?? isRoot));
  }
}

function volumeOf(spec: FleetVolume, place: {name: string; zone: string; seeding: Seeding}): Volume {
  const {fleet, random} = place.seeding;
  return {
    ...born(newId('vol', random), place.name, place.seeding, spec.tags),
    zone: place.name + place.zone,
    sizeGiB: spec.size,
    type: spec.type,
    iops: spec.iops ?? (spec.type === 'gp3' ? 3000 : undefined),
    encrypted: spec.encrypted,
    kmsKeyId: spec.encrypted ? defaultKey(place.name, fleet.account) : undefined,
    multiAttach: spec.multi_attach,
    snapshotId: '',
    availableAt: 0,
    attachments: [],
    seededWith: seededWith(spec),
  };
}

function seededWith({filesystem, mount: mountPoint}: FleetVolume): SeededFilesystem | undefined {
  if (filesystem === undefined && mountPoint === undefined) return undefined;
  return {filesystem: filesystem ?? 'ext4', mountPoint};
}

function attach(volume: Volume, instanceId: string, device: string, deleteOnTermination: boolean): Volume {
  const attachment: Attachment = {
    instanceId,
    device,
    attachedAt: volume.createdAt,
    state: settled('attached'),
    deleteOnTermination,
  };
  return {...volume, attachments: [...volume.attachments, attachment]};
}

function born(id: string, region: string, {fleet, bornAt: createdAt}: Seeding, tags: Tags) {
  return {id, region, owner: fleet.account, tags, createdAt, visibleAt: createdAt};
}

/** The one VPC of a region. */
export function vpcOf(region: string): string {
  return `vpc-0${Buffer.from(region).toString('hex').slice(0, 16).padEnd(16, '0')}`;
}

/** The key that encrypts when no other is named. */
export function defaultKey(region: string, account: string): string {
  return `arn:aws:kms:${region}:${account}:key/00000000-0000-4000-8000-000000000000`;
}
