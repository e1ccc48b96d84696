/** Replicates all regions into one, and what is in that one into another. */
import type {Region} from '../ec2/ids.ts';
import {FtaskError} from '../errors.ts';
import {concluded, nothingChosen} from './outcome.ts';
import {type RegionOutcome, replicateRegion} from './replicate-region.ts';
import type {RegionRequest, ReplicatedSnapshot, ReplicationTools} from './request.ts';

export interface AllRegionsRequest extends Pick<RegionRequest, 'tag' | 'dryRun'> {
  readonly regions: readonly Region[];
  readonly primary: Region;
  /** Another one. */
  readonly secondary: Region;
  /** Also what primary holds of other regions goes to secondary. */
  readonly forward: boolean;
  readonly allowEmpty: boolean;
}

/**
 * First all other regions into primary, then primary into secondary, which so has what has just been brought as well.
 * @throws as `concluded`; FtaskError `NothingToReplicate`
 */
export async function replicateAll(
  tools: ReplicationTools,
  {regions, primary, secondary, forward, tag, dryRun, allowEmpty}: AllRegionsRequest,
): Promise<readonly ReplicatedSnapshot[]> {
  const {run} = tools;
  const others = regions.filter((region) => region !== primary);
  const first = await replicateRegion(tools, {from: others, to: primary, tag, nativeOnly: true, dryRun});
  if (run.signal.aborted) return concluded(run, first);
  if (dryRun && forward && first.rows.some(({state}) => state === 'would copy')) {
    run.progress.note(
      `${secondary}: what ${primary} would get first is forwarded, too; it is not in this plan`,
    );
  }
  const second = await replicateRegion(tools, {
    from: [primary],
    to: secondary,
    tag,
    nativeOnly: !forward,
    dryRun,
  }).catch((error: unknown): RegionOutcome => {
    // What was done before is told all the same.
    if (!(error instanceof FtaskError)) throw error;
    return {rows: [], failures: [{item: secondary, where: secondary, error}], matched: 0};
  });
  const both: RegionOutcome = {
    rows: [...first.rows, ...second.rows],
    failures: [...first.failures, ...second.failures],
    matched: first.matched + second.matched,
  };
  if (both.matched === 0 && both.failures.length === 0 && !allowEmpty)
    throw nothingChosen(tag, regions.join(', '));
  return concluded(run, both);
}
