/** Deletes a copy that is none, written into the journal first. */
import type {Ec2} from '../../ec2/client.ts';
import type {Region} from '../../ec2/ids.ts';
import {deleteSnapshot} from '../../ec2/snapshots/snapshots.ts';
import type {Journal} from '../../journal/journal.ts';
import type {RunContext} from '../../runner/task.ts';
import type {Order} from '../method.ts';
import type {CopyFailed} from './copy-failed.ts';

export interface RemovalTools {
  readonly run: Pick<RunContext, 'runId' | 'progress'>;
  readonly ec2: Ec2;
  readonly journal: () => Promise<Journal>;
  readonly wish: {readonly task: string};
  readonly to: Region;
}

/** Only what ftask has made; another's stays, with a warning. @throws Ec2Error; RefusedError when the journal cannot be written */
export async function removeCopy(
  {run, ec2, journal, wish, to}: RemovalTools,
  {item}: Order,
  {copy, why}: CopyFailed,
): Promise<void> {
  if (copy.origin.run === undefined) {
    run.progress.warn(`${to}: ${copy.id} ${why}; ftask did not make it, so it stays`);
    return;
  }
  const {append} = await journal();
  await deleteSnapshot(ec2, to, copy.id, {
    before: () =>
      append({
        time: new Date(ec2.clock.now()).toISOString(),
        run: run.runId,
        event: 'delete-snapshot',
        region: to,
        snapshot: copy.id,
        task: wish.task,
        volume: item.source.origin.volume,
        why: `the copy of ${item.source.id} ${why}`,
      }),
  });
}
