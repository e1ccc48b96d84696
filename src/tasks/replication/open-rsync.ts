/** Opens the method rsync. */
import type {Context} from '../../context/context.ts';
import type {Ec2} from '../../ec2/client.ts';
import {type InstanceId, isInstanceId, type Region} from '../../ec2/ids.ts';
import type {Instance} from '../../ec2/instances.ts';
import {UsageError} from '../../errors.ts';
import {instanceTarget} from '../../fleet/instance-target.ts';
import type {Method} from '../../replica/method.ts';
import {rsyncMethod} from '../../replica/rsync/rsync-method.ts';
import type {End} from '../../replica/trees/channel.ts';
import {temporaryTools} from '../temporary-tools.ts';

export interface OpenRsyncWish {
  readonly task: string;
  readonly srcInst?: string | undefined;
  readonly dstInst?: string | undefined;
  readonly throughController?: boolean | undefined;
}

/** Nothing is started before the first replica. @throws UsageError on what is no id of an instance */
export function openRsync(context: Context, ec2: Ec2, wish: OpenRsyncWish): Method {
  const {replication} = context.config;
  const {task, srcInst, dstInst, throughController} = wish;
  const sourceInstance = instanceId('--src-inst', srcInst);
  const targetInstance = instanceId('--dst-inst', dstInst);
  const tools = {
    ...temporaryTools(context, ec2),
    existing: (instance: Instance, region: Region) => endAt(context, instance, region),
    journal: context.journal,
  };
  return rsyncMethod(tools, {
    task,
    excludes: replication.excludes,
    encrypted: replication.encrypted,
    kmsKeys: replication.kms_keys,
    pollIntervalMs: replication.poll_interval,
    timeoutMs: replication.timeout,
    retries: replication.retries,
    ...(sourceInstance && {sourceInstance}),
    ...(targetInstance && {targetInstance}),
    ...(throughController && {way: 'through-controller'}),
  });
}

function instanceId(option: string, text: string | undefined): InstanceId | undefined {
  if (text === undefined || isInstanceId(text)) return text;
  throw new UsageError('BadInstance', `${option}: ${text} is no instance id, such as i-0123456789abcdef0`);
}

/** Reached by us as the configuration says, and by the other instance at its public address where it has one. */
async function endAt(context: Context, instance: Instance, region: Region): Promise<End> {
  const {settings} = await context.reach.explain(instanceTarget(instance, region, context.config));
  const {user, port, hostName} = settings;
  const address = instance.publicAddress ?? instance.privateAddress ?? hostName;
  return {host: context.instanceHost(instance, region), reach: {user, address, port}};
}
