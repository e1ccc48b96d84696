/** What the tools that make snapshots write into them: their tags and descriptions. */
import type {Instance, Tags, Volume} from '../../state/entities.ts';
import type {Maker} from './schema.ts';

/** The volumes of an instance at one moment. */
export interface Occasion {
  readonly instance: Instance;
  readonly disks: readonly Disk[];
  /** What the maker takes for the time, in ISO 8601. */
  readonly time: string;
  /** The same for all that is made at this moment. */
  readonly run: string;
}

export interface Disk {
  readonly volume: Volume;
  readonly device: string;
}

export interface Written {
  readonly volume: Volume;
  readonly tags: Tags;
  readonly description: string;
}

/** What a maker writes into the snapshot of each disk, in the order of the disks. */
export const MAKERS: Readonly<Record<Maker, (occasion: Occasion) => Written[]>> = {
  ftask: ({instance, disks, time, run}) => {
    const [only, ...others] = disks;
    const single = others.length === 0 ? only : undefined;
    const own = {
      ...(single
        ? {'ftask:volume': single.volume.id, 'ftask:device': single.device}
        : {'ftask:devices': disks.map(({volume, device}) => `${volume.id}=${device}`).join(' ')}),
      'ftask:instance': instance.id,
      'ftask:region': instance.region,
      'ftask:time': time,
      'ftask:run': run,
      'ftask:set': `${run}/0/${instance.id}`,
      'ftask:consistency': 'crash',
    };
    const description = describe({instance, time, ...(single && {disk: single})});
    return disks.map(({volume}) => ({volume, tags: {...volume.tags, ...instance.tags, ...own}, description}));
  },
  django_fabfile: ({instance, disks, time}) =>
    disks.map((disk) => ({
      volume: disk.volume,
      tags: {...disk.volume.tags, ...instance.tags},
      description: describe({instance, time, disk}),
    })),
  dlm: ({disks}) =>
    disks.map(({volume}) => ({
      volume,
      tags: {
        ...volume.tags,
        'dlm:managed': 'true',
        'aws:dlm:lifecycle-policy-id': POLICY,
        'aws:dlm:lifecycle-schedule-name': 'Default Schedule',
      },
      description: `Created for policy: ${POLICY} schedule: Default Schedule`,
    })),
  aws_backup: ({disks}) =>
    disks.map(({volume}) => ({
      volume,
      tags: {
        'aws:backup:source-resource': `arn:aws:ec2:${volume.region}:${volume.owner}:volume/${volume.id}`,
      },
      description: 'This snapshot is created by the AWS Backup service.',
    })),
  hand: ({instance, disks}) =>
    disks.map(({volume}) => ({
      volume,
      tags: {},
      description: `before the upgrade of ${instance.tags['Name']}`,
    })),
};

const POLICY = 'policy-0123456789abcdef0';

/** django_fabfile's description, which ftask writes, too; where it is of several disks it names none. */
function describe({
  instance,
  time,
  disk,
}: {
  readonly instance: Instance;
  readonly time: string;
  readonly disk?: Disk;
}): string {
  return JSON.stringify({
    ...(disk && {Volume: disk.volume.id}),
    Region: instance.region,
    ...(disk && {Device: disk.device}),
    Instance: instance.id,
    Time: time.slice(0, 19),
    Type: instance.type,
    Arch: instance.architecture,
    Root_dev_name: instance.rootDevice,
  });
}
