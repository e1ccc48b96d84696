/** One instance that volumes are attached to: a temporary one, or one of the operator's. */
import {unmountDead} from '../../disk/mount/unmount-dead.ts';
import type {InstanceId, Region} from '../../ec2/ids.ts';
import {findInstance} from '../../ec2/instances.ts';
import {type OpenScratch, openScratch} from '../../ec2/scratch/scratch.ts';
import {RefusedError} from '../../errors.ts';
import {type Program, startTemporaryInstance} from '../../temporary/temporary-instance.ts';
import type {End} from '../trees/channel.ts';
import {isMountPoint} from './mount-point.ts';
import type {RsyncTools} from './tools.ts';

export interface Side extends End {
  readonly region: Region;
  readonly id: InstanceId;
  readonly zone: string;
  readonly publicAddress?: string;
  readonly privateAddress?: string;
  /** What a temporary one is part of. */
  readonly scratch?: OpenScratch;
  /** It goes, or is let alone. May be called twice. */
  close(): Promise<void>;
}

/** What no image is sure to have. */
const PROGRAMS: readonly Program[] = [
  {name: 'rsync', package: 'rsync'},
  {name: 'mkfs.xfs', package: 'xfsprogs'},
];
const SSH_PORT = 22;

/** Starts one that can copy, and waits until it lets us in. What was made is removed when it does not. */
export async function startSide(
  tools: RsyncTools,
  region: Region,
  say: (text: string) => void,
): Promise<Side> {
  const {ec2, run, temporary} = tools;
  const {runId, signal, undo, progress} = run;
  const warn = (text: string): void => progress.warn(text);
  const options = {run: runId, expiryMs: temporary.expiryMs, signal, undo, say, warn};
  const scratch = openScratch(ec2, region, options);
  try {
    const {host, login, ...instance} = await startTemporaryInstance(tools, scratch, say, PROGRAMS);
    const [user = '', address = ''] = login.split('@');
    const close = (): Promise<void> => scratch.remove();
    return {...instance, region, host, reach: {user, address, port: SSH_PORT}, scratch, close};
  } catch (error) {
    await scratch.remove().catch((problem: Error) => warn(problem.message));
    throw error;
  }
}

/**
 * Takes a running instance of the operator's. What a killed run has left mounted there goes.
 * @throws RefusedError when it does not run there; UsageError
 */
export async function takeSide(tools: RsyncTools, region: Region, id: InstanceId): Promise<Side> {
  const instance = await findInstance(tools.ec2, region, id, tools.run.signal);
  if (!instance) throw notUsable(`there is no instance ${id} in ${region}`, 'Check the id, and the regions.');
  if (instance.state !== 'running')
    throw notUsable(`${id} is ${instance.state}`, 'Start it first, or let ftask start a temporary one.');
  const end = await tools.existing(instance, region);
  await unmountDead(end.host, isMountPoint);
  return {...instance, ...end, region, close: () => end.host.close()};
}

/** Whether it still is there to be used. */
export async function isRunning({ec2, run}: RsyncTools, {region, id}: Side): Promise<boolean> {
  return (await findInstance(ec2, region, id, run.signal))?.state === 'running';
}

function notUsable(message: string, hint: string): RefusedError {
  return new RefusedError('NotUsable', message, {hint});
}
