/** What replication is given by the house. */
import type {Context} from '../../context/context.ts';
import type {Ec2} from '../../ec2/client.ts';
import type {Region} from '../../ec2/ids.ts';
import {chooseRegion} from '../../ec2/regions.ts';
import {FtaskError, UsageError} from '../../errors.ts';
import type {Method} from '../../replica/method.ts';
import type {ChosenBy, ReplicatedSnapshot, ReplicationTools} from '../../replica/request.ts';
import {type ItemFailure, unlessFailed} from '../../runner/outcome.ts';
import {type MethodWish, openMethod} from './open-method.ts';

/** Opens the method and closes it whatever comes. The journal is opened first: what cannot be told is not deleted later. */
export async function withReplication(
  context: Context,
  ec2: Ec2,
  wish: MethodWish,
  work: (tools: ReplicationTools) => Promise<readonly ReplicatedSnapshot[]>,
): Promise<readonly ReplicatedSnapshot[]> {
  const {config, temporary} = context;
  const {lock_expiry: expiryMs, speed} = config.replication;
  await context.journal();
  const method = await openMethod(context, ec2, wish);
  const {publicKey} = temporary.keyPair('ftask-lock');
  let rows: readonly ReplicatedSnapshot[];
  try {
    rows = await work({run: context, ec2, method, locking: {expiryMs, speed, publicKey}});
  } catch (error) {
    for (const {error: problem} of await closed(method)) context.progress.warn(problem.message);
    throw error;
  }
  return unlessFailed(rows, await closed(method));
}

/** That something temporary stays takes nothing away from what was done. */
async function closed(method: Method): Promise<ItemFailure[]> {
  try {
    await method.close();
    return [];
  } catch (error) {
    if (!(error instanceof FtaskError)) throw error;
    return [{item: `what method ${method.name} has started`, error}];
  }
}

/** A region by its name or the beginning of one. @throws UsageError that lists the candidates */
export function regionNamed(
  {config, signal}: Context,
  ec2: Ec2,
  option: string,
  text: string | undefined,
): Promise<Region> {
  const allowed = config.aws.regions;
  return chooseRegion(ec2, {allowed, option, ...(text !== undefined && {wanted: [text] as const})}, signal);
}

/** @throws UsageError when both are the same */
export function refuseSame(from: Region, to: Region, what: string): void {
  if (from !== to) return;
  throw new UsageError('SameRegion', `${what} are both ${to}`, {hint: 'A replica is in another region.'});
}

/** Options, else the configuration. */
export function tagOf(
  {tagName, tagValue}: {readonly tagName?: string | undefined; readonly tagValue?: string | undefined},
  {config}: Pick<Context, 'config'>,
): ChosenBy {
  return {name: tagName ?? config.tag.name, value: tagValue ?? config.tag.value};
}
