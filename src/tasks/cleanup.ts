/** `ftask cleanup` */
import {z} from 'zod';
import type {Context} from '../context/context.ts';
import type {Region} from '../ec2/ids.ts';
import {chooseRegions} from '../ec2/regions.ts';
import {type CleanUp, cleanUp, type Leftover} from '../ec2/scratch/remove/clean-up.ts';
import {FtaskError} from '../errors.ts';
import {flag, regions} from '../runner/option.ts';
import {type ItemFailure, SomeFailed} from '../runner/outcome.ts';
import {defineTask} from '../runner/task.ts';

export const cleanup = defineTask({
  summary: 'Remove what killed runs have left on AWS.',
  description: `Temporary instances, volumes, key pairs and security groups carry ftask:temporary from the call on that makes
them, with their run and an expiry (temporary.expiry) that a run puts off for as long as it lives; so do locks of
replications, which are key pairs named ftask-replica-... (replication.lock_expiry). What has expired is removed, and
nothing else.`,
  section: 'Care',
  options: z.object({
    region: regions('Regions whose names begin so, as eu; all enabled ones by default.'),
    dryRun: flag('Show what would be removed; change nothing.'),
  }),
  output: {id: ({id}: Leftover) => id, columns: ['id', 'kind', 'region', 'run', 'expired', 'state', 'note']},
  run: async ({region}, context: Context): Promise<readonly Leftover[]> => {
    const {config, signal} = context;
    const ec2 = await context.ec2();
    const wanted = region === undefined ? [] : [region];
    const chosen = await chooseRegions(ec2, {wanted, allowed: config.aws.regions}, signal);
    const rows: Leftover[] = [];
    const failures: ItemFailure[] = [];
    await Promise.all(
      chosen.map(async (one) => {
        const done = await inRegion(one, context, rows).catch((error: unknown) => {
          if (!(error instanceof FtaskError) || signal.aborted) throw error;
          failures.push({item: one, error});
        });
        if (done) failures.push(...failuresOf(done));
        if (done) tellStaying(done, context);
      }),
    );
    if (failures.length === 0) return rows;
    throw new SomeFailed(`${failures.length} could not be removed`, rows, failures, 'Run it again later.');
  },
});

/** What is done goes into `rows` at once: it is told even if the rest fails. */
async function inRegion(region: Region, context: Context, rows: Leftover[]): Promise<CleanUp> {
  const {signal, progress, dryRun} = context;
  const group = progress.group(region);
  const onRemoved = (row: Leftover): void => {
    rows.push(row);
    group.done(row.id, row.note);
  };
  try {
    const done = await cleanUp(await context.ec2(), region, {dryRun, signal, onRemoved});
    if (dryRun) rows.push(...done.leftovers);
    for (const {leftover, error} of done.failures) group.fail(leftover.id, error.message);
    return done;
  } finally {
    group.close();
  }
}

function failuresOf({failures, region}: CleanUp): ItemFailure[] {
  return failures.map(({leftover, error}) => ({item: leftover.id, where: region, error, row: leftover}));
}

function tellStaying({stays, region}: CleanUp, {skip}: Context): void {
  for (const {thing, reason} of stays) skip({item: thing.id, where: region, reason});
}
