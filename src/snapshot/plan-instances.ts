/** Finds the instances of a backup and plans their sets, page by page. */
import type {Ec2} from '../ec2/client.ts';
import type {Region} from '../ec2/ids.ts';
import {findInstance, findInstances, type Instance} from '../ec2/instances.ts';
import {volumesOf} from '../ec2/volumes.ts';
import {FtaskError} from '../errors.ts';
import type {ProgressGroup} from '../runner/progress.ts';
import {type PlannedSet, Planner} from './plan.ts';
import type {Backup, Selection} from './request.ts';

/** The sets of a region as its instances are listed, so that the first are made while the last are looked for. */
export async function* planInstances(
  {run, ec2, request}: Backup,
  region: Region,
  group: ProgressGroup,
  counts: {matched: number; planned: number},
): AsyncGenerator<PlannedSet & {readonly index: number}> {
  const planner = new Planner(request);
  for await (const page of select(ec2, region, request.selection, run.signal)) {
    counts.matched += page.length;
    const ids = page.filter(({volumes}) => volumes.length > 0).map(({id}) => id);
    const volumes = await volumesOf(ec2, region, ids, run.signal);
    for (const instance of page) {
      const planned = planner.plan(instance, volumes);
      if ('reason' in planned) {
        group.skip(labelOf(instance), planned.reason);
        run.skip({item: instance.id, where: region, reason: planned.reason});
        continue;
      }
      yield {...planned, index: counts.planned};
      counts.planned += 1;
    }
    group.expect(counts.matched);
  }
  group.say('');
}

/** An instance as an operator knows it. */
export function labelOf({id, tags}: Instance): string {
  return tags['Name'] ? `${id} ${tags['Name']}` : id;
}

async function* select(
  ec2: Ec2,
  region: Region,
  selection: Selection,
  signal: AbortSignal,
): AsyncGenerator<Instance[]> {
  if ('instance' in selection) {
    const instance = await findInstance(ec2, region, selection.instance, signal);
    if (instance) yield [instance];
    return;
  }
  const found = findInstances(ec2, region, selection.tag, signal);
  if (selection.only === undefined) {
    yield* found;
    return;
  }
  const all: Instance[] = [];
  for await (const page of found) all.push(...page);
  if (all.length > 1) throw ambiguous(selection.tag, all);
  yield all;
}

function ambiguous({name, value}: {name: string; value: string}, found: readonly Instance[]): FtaskError {
  const ids = found.map(({id}) => id).join(', ');
  return new FtaskError('AmbiguousInstance', `${found.length} instances have ${name}=${value}: ${ids}`, {
    hint: 'Give one --instance-id, or use backup_instances_by_tag for all of them.',
  });
}
