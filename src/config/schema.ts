/** Every configuration key: its kind, its default and what it is for. */
import {z} from 'zod';
import {DEFAULT_COUNTS} from '../retention/policy.ts';
import {applications} from './fields/app.ts';
import {hooks, hostRules} from './fields/consistency.ts';
import {fastdeployBackup} from './fields/fastdeploy.ts';
import {batch, roles} from './fields/hosts.ts';
import {DEFAULT_EXCLUDES, kmsKeys} from './fields/replication.ts';
import {policies, timeZone} from './fields/retention.ts';
import {
  choice,
  duration,
  flag,
  httpUrl,
  positiveNumber,
  region,
  secret,
  section,
  text,
  unset,
  wholeNumber,
} from './fields/values.ts';

const tag = section('The tag that marks the instances and snapshots to work on.', {
  name: text(128).prefault('Earmarking').describe('Key of the tag.'),
  value: text(256).prefault('production').describe('Value of the tag.'),
});

const snapshot = section('How snapshots are waited for.', {
  timeout: duration().prefault('60m').describe('How long a snapshot may take to complete.'),
  poll_interval: duration()
    .prefault('15s')
    .describe('Pause between two looks at the snapshots under way in a region.'),
  retries: wholeNumber(0, 10)
    .prefault(2)
    .describe('How often a snapshot that ended in error is made again when its completion is waited for.'),
});

const tagKey = text(128).regex(
  /^(?!aws:|ftask:)/i,
  'expected a tag key that does not start with aws: or ftask:, which are reserved',
);

const backup = section('What a backup of an instance takes and adds.', {
  tags: z
    .record(tagKey, z.string('expected text').max(256, 'expected text of at most 256 characters'), {
      error: 'expected a map of tag keys to values such as {owner: operations}',
    })
    .prefault({})
    .describe('Tags for every snapshot, on top of those of its volume and instance.'),
  exclude_boot: flag().prefault(false).describe('Leave out the volume that an instance boots from.'),
});

const consistency = section(
  'How a backup with --consistent keeps filesystems still while a snapshot is taken.',
  {
    freeze_timeout: duration()
      .prefault('10s')
      .describe('After which a host thaws by itself, whatever became of ftask and the network.'),
    freeze_root: flag().prefault(false).describe('Freeze root filesystems, too; else they are only synced.'),
    hosts: hostRules()
      .prefault([])
      .describe('Where instances are reached, and as whom; the first rule that fits an instance counts.'),
    before: hooks().prefault([]).describe('What is run on a host before its filesystems are frozen.'),
    after: hooks()
      .prefault([])
      .describe('What is run on a host after the thaw, whatever happened before it.'),
  },
);

const keep = (count: number) => wholeNumber(0, 999_999).prefault(count);

const retention = section(
  'Which snapshots trim_snapshots keeps: the newest one of each of so many periods.',
  {
    hourly: keep(DEFAULT_COUNTS.hourly).describe('Hours.'),
    daily: keep(DEFAULT_COUNTS.daily).describe('Days.'),
    weekly: keep(DEFAULT_COUNTS.weekly).describe('Weeks, from Monday to Sunday.'),
    monthly: keep(DEFAULT_COUNTS.monthly).describe('Months.'),
    quarterly: keep(DEFAULT_COUNTS.quarterly).describe('Quarters of a year.'),
    yearly: keep(DEFAULT_COUNTS.yearly).describe('Years.'),
    time_zone: timeZone().prefault('UTC').describe('Where days begin: UTC, or a name such as Europe/Berlin.'),
    min_keep: wholeNumber(1, 999_999)
      .prefault(3)
      .describe('So many of the newest snapshots of each volume are kept in any case.'),
    min_age: duration().prefault('1h').describe('Nothing that is younger is deleted.'),
    max_delete_percent: wholeNumber(0, 100)
      .prefault(50)
      .describe('Delete nothing at all when it would be a larger part of the snapshots of a region.'),
    policies: policies().prefault({}).describe('Other policies by name, for --policy and for the tag.'),
    tag: text(128)
      .prefault('ftask:retention')
      .describe("Tag that names the policy of a volume's snapshots; the newest one's counts."),
  },
);

const replication = section('How snapshots are replicated to other regions, and filesystems between hosts.', {
  primary_region: unset(region()).describe(
    'Where rsync_all_regions brings the snapshots of all other regions.',
  ),
  secondary_region: unset(region()).describe('Where rsync_all_regions brings those of the primary one.'),
  copies_per_region: wholeNumber(1, 1000)
    .prefault(20)
    .describe('Copies that AWS makes at a time into one region.'),
  poll_interval: duration()
    .prefault('5s')
    .describe('Pause between two looks at the copies under way into a region.'),
  timeout: duration().prefault('24h').describe('How long a copy may take to complete.'),
  retries: wholeNumber(0, 10).prefault(2).describe('How often a copy that ended in error is made again.'),
  encrypted: flag()
    .prefault(false)
    .describe('Encrypt all copies; those of encrypted snapshots are in any case.'),
  kms_keys: kmsKeys()
    .prefault({})
    .describe(
      "Keys by destination region that copies are encrypted with; the region's own default otherwise.",
    ),
  rpo: unset(duration()).describe(
    'Age that the data may have when its copy is complete: asks AWS for time-based copies, which cost more.',
  ),
  verify_percent: z
    .number('expected a number from 0 to 100')
    .min(0, 'expected a number from 0 to 100')
    .max(100, 'expected a number from 0 to 100')
    .prefault(0)
    .describe('Part of the blocks of each copy that is read and compared with its source.'),
  lock_expiry: duration()
    .prefault('15m')
    .describe('When another run takes over from one that gives no sign of life.'),
  speed: positiveNumber()
    .prefault(7)
    .describe(
      "MiB a second, after which a volume that django_fabfile's replication left is no longer respected.",
    ),
  excludes: z
    .array(text(4096), 'expected a list of patterns such as [/tmp/*]')
    .prefault([...DEFAULT_EXCLUDES])
    .describe('What rsync leaves out; a pattern that begins with / starts at the top of the filesystem.'),
});

const aws = section('The AWS account, and how hard to work on it.', {
  profile: unset(text()).describe(
    'Profile of ~/.aws/config; null is the choice of the AWS credential chain.',
  ),
  endpoint_url: unset(httpUrl()).describe('Address of an EC2 API other than that of AWS.'),
  regions: z
    .array(region(), 'expected a list of regions such as [eu-west-1, us-east-1]')
    .prefault([])
    .describe('The only regions to work in; an empty list is all that are enabled in the account.'),
  concurrency: wholeNumber(1, 1000).prefault(50).describe('Requests in flight per region.'),
});

const limit = z.strictObject(
  {
    burst: wholeNumber(1, 100_000).describe('Requests that may be made at once.'),
    per_second: positiveNumber().describe('Requests per second after that.'),
  },
  'expected a map with burst and per_second',
);

const actionName = z.string().regex(/^[A-Z][A-Za-z0-9]+$/, 'expected an action such as CreateSnapshots');

const ec2 = section('The EC2 API.', {
  limits: z
    .record(actionName, limit, {error: 'expected a map of actions, such as CreateSnapshots'})
    .prefault({})
    .describe(
      "Request rates by action, for accounts whose quota AWS has raised; AWS's usual ones otherwise.",
    ),
});

const journal = section('What ftask has done, one line of JSON a record.', {
  file: unset(text()).describe(
    'The file it is written to; null is ftask/journal.jsonl in $XDG_STATE_HOME, which is ~/.local/state by default.',
  ),
});

const lab = section('The embedded EC2 endpoint of --lab. Paths start at the working directory.', {
  file: unset(text()).describe('Description of the fleet; null is the packaged one.'),
  state: text().prefault('.ftask/lab').describe('Folder that keeps what was made in the lab.'),
});

const cidr = z
  .string('expected a range of addresses')
  .regex(/^[0-9a-f.:]+\/\d{1,3}$/i, 'expected a range of addresses such as 203.0.113.7/32');

const temporary = section('Instances that ftask starts for itself and removes again.', {
  image: unset(
    z.string('expected an image id').regex(/^ami-[0-9a-f]+$/, 'expected an image id such as ami-0123'),
  ).describe('Image they start from; null is the newest Debian 12 of the region.'),
  user: text(32).prefault('admin').describe('Who logs in on this image.'),
  instance_type: text(64).prefault('t3.micro').describe('Their type; the image must suit it.'),
  subnet: unset(
    z.string('expected a subnet id').regex(/^subnet-[0-9a-f]+$/, 'expected a subnet id such as subnet-0123'),
  ).describe("Subnet they are in; null is a zone's own in the default VPC."),
  ssh_from: z
    .array(cidr, 'expected a list of ranges of addresses such as [203.0.113.7/32]')
    .prefault([])
    .describe('Addresses that may reach their port 22; an empty list is the address of this machine.'),
  expiry: duration()
    .prefault('15m')
    .describe('When ftask cleanup may remove what a killed run has left; a run that lives puts it off.'),
});

const hosts = section('The hosts to work on, and how many at a time.', {
  roles: roles()
    .prefault({})
    .describe('Lists of hosts by name, for -R. They are written as for -H; @NAME stands for another role.'),
  address: choice('auto', 'public', 'private', 'name')
    .prefault('auto')
    .describe(
      'Where hosts that are selected by tag are reached: auto is public where they have it, else private.',
    ),
  parallel: wholeNumber(1, 10_000).prefault(32).describe('Hosts that are worked on at a time.'),
  batch: unset(batch()).describe('Hosts that are finished before the next ones begin; null is all of them.'),
  max_failures: unset(wholeNumber(1, 100_000)).describe('Begin no further host after so many failed.'),
});

const ssh = section('How hosts are reached, beside what ~/.ssh/config says of them.', {
  config_file: unset(text()).describe('Instead of ~/.ssh/config and /etc/ssh/ssh_config.'),
  connect_timeout: unset(duration()).describe(
    "How long connecting may take; null is ssh's own setting, else 10s.",
  ),
  command_timeout: duration().prefault('1h').describe('How long a command may take before it is ended.'),
  accept_new_host_keys: flag()
    .prefault(false)
    .describe('Trust the key of a host that was never seen before.'),
  transport: choice('auto', 'ssh2', 'openssh')
    .prefault('auto')
    .describe("Who speaks SSH: ftask itself (ssh2), the system's ssh (openssh), or whichever can."),
});

const sudo = section('The password that sudo asks for. Neither is needed where sudo asks for none.', {
  password: secret().describe('The password: in the environment only, as FTASK_SUDO_PASSWORD.'),
  password_file: unset(text()).describe('File with the password, which nobody but its owner may read.'),
});

/** The whole configuration. Sections and keys may be left out, unknown ones are errors. */
export const configSchema = z.strictObject(
  {
    tag: tag.prefault({}),
    snapshot: snapshot.prefault({}),
    backup: backup.prefault({}),
    retention: retention.prefault({}),
    consistency: consistency.prefault({}),
    replication: replication.prefault({}),
    aws: aws.prefault({}),
    ec2: ec2.prefault({}),
    temporary: temporary.prefault({}),
    hosts: hosts.prefault({}),
    ssh: ssh.prefault({}),
    sudo: sudo.prefault({}),
    journal: journal.prefault({}),
    lab: lab.prefault({}),
    fastdeploy_backup: fastdeployBackup.prefault({}),
    apps: applications().describe('Applications for app_backup, by name.').prefault({}),
  },
  'expected a map of sections',
);

/** What the configuration says in the end; durations are milliseconds. */
export type Config = z.output<typeof configSchema>;
