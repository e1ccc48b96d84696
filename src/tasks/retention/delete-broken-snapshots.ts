/** `ftask delete_broken_snapshots` */
import {z} from 'zod';
import type {Context} from '../../context/context.ts';
import {chooseRegions} from '../../ec2/regions.ts';
import {duration, flag, regions} from '../../runner/option.ts';
import {defineTask} from '../../runner/task.ts';
import {deleteBroken} from '../../snapshot/broken/delete-broken.ts';
import type {BrokenSnapshot} from '../../snapshot/broken/rows.ts';
import {refuseWrongClock} from '../../snapshot/trim/refuse-wrong-clock.ts';

export const delete_broken_snapshots = defineTask({
  summary: 'Delete snapshots that ended in error.',
  description: `Nothing can be restored from them. Only those that ftask or django_fabfile made are deleted, and of them none that
is pinned (ftask:pin), locked, shared or in use. AWS's reason goes into the journal first.`,
  section: 'Retention',
  options: z.object({
    region: regions('Regions whose names begin so, as eu; all enabled ones by default.'),
    dryRun: flag('Show what would be deleted; change nothing.'),
    minAge: duration('Nothing that is younger is deleted: a backup may be about to make it again.').default(
      3_600_000,
    ),
  }),
  output: {
    id: ({snapshotId}: BrokenSnapshot) => snapshotId,
    columns: ['snapshotId', 'region', 'age', 'sizeGiB', 'why', 'state', 'volumeId', 'time'],
    mostRows: 10,
  },
  run: async ({region, minAge}, context: Context) =>
    refuseWrongClock(async () => {
      const {config, signal, dryRun, journal} = context;
      const ec2 = await context.ec2();
      const wanted = region === undefined ? [] : [region];
      const chosen = await chooseRegions(ec2, {wanted, allowed: config.aws.regions}, signal);
      return deleteBroken({run: context, ec2, journal}, {regions: chosen, minAgeMs: minAge, dryRun});
    }),
});
