/** The kinds of values that say how snapshots are replicated. */
import {z} from 'zod';
import {region, text} from './values.ts';

/** What belongs to one machine and not to its replica, and what no restore needs. */
export const DEFAULT_EXCLUDES: readonly string[] = [
  '/root/.bash_history',
  '/home/*/.bash_history',
  '/etc/ssh/moduli',
  '/etc/ssh/ssh_host_*',
  '/etc/udev/rules.d/*persistent-net.rules',
  '/var/lib/ec2/*',
  '/mnt/*',
  '/proc/*',
  '/tmp/*',
];

/** Keys of KMS by region: an id, an alias, or the ARN of either. */
export function kmsKeys() {
  const key = text(2048).regex(
    /^(alias\/\S+|arn:\S+|(mrk-)?[0-9a-f-]{32,36})$/,
    'expected a key of KMS: alias/NAME, an id, or the ARN of either',
  );
  return z.record(region(), key, {error: 'expected a map such as {eu-central-1: alias/backup}'});
}
