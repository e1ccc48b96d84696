/** What a task is given to work on hosts: the selected ones, any other, and work on all of them. */
import type {Config} from '../config/schema.ts';
import type {Region} from '../ec2/ids.ts';
import {parseBatch} from '../host/group/batch.ts';
import type {HostOutcome} from '../host/group/on-each.ts';
import type {Host} from '../host/host.ts';
import type {RunContext} from '../runner/task.ts';
import {instanceTarget, type ReachableInstance} from './instance-target.ts';
import type {HostView} from './open-hosts.ts';
import {type EachRequest, outcomesOfEach, valuesOf, type Work} from './work-on-each.ts';

export interface HostContext {
  /** The hosts of -H, -R and --hosts-by-tag, in this order; empty when none were named. */
  readonly hosts: readonly Host[];
  /** This machine. */
  readonly local: Host;
  /** Any host by its name, written as for -H; all of one name share a connection. @throws UsageError */
  host(name: string): Host;
  /**
   * The host that an instance is, where the configuration says that it is reached. It is called by the instance's id,
   * and is the caller's to close. @throws UsageError when it has no such address
   */
  instanceHost(instance: ReachableInstance, region: Region): Host;
  /**
   * Works on each host, as many at a time as -P says, and returns what came of each.
   * @throws UsageError when no hosts are named; SomeFailed, which holds what came of the others
   */
  onEach<Value>(work: Work<Value>, options?: EachOptions): Promise<readonly Value[]>;
  /** The same, with the outcome of every host, whatever it is. @throws UsageError when no hosts are named */
  outcomeOnEach<Value>(work: Work<Value>, options?: EachOptions): Promise<readonly HostOutcome<Value>[]>;
}

/** What a task wants otherwise than the command line and the configuration say. */
export interface EachOptions {
  /** Those that were named by default. */
  readonly hosts?: readonly Host[];
  /** What the row of the progress is called. */
  readonly title?: string;
  /** How many at a time. */
  readonly parallel?: number;
  /** As --batch takes it. */
  readonly batch?: string;
  /** Begin no further host after so many failed. */
  readonly maxFailures?: number;
}

/** What the command line says of work on many hosts. */
export interface GroupOptions {
  readonly parallel?: number;
  readonly serial?: boolean;
  readonly batch?: string;
  readonly maxFailures?: number;
}

/** The part of a task's context that is about hosts. @throws UsageError on a batch that is none */
export function hostContext(
  run: Pick<RunContext, 'progress' | 'signal' | 'skip'>,
  hosts: HostView,
  config: Config,
  options: GroupOptions,
): HostContext {
  const defaults = {
    hosts: hosts.selected,
    title: 'hosts',
    parallel: options.serial ? 1 : (options.parallel ?? config.hosts.parallel),
    batch: options.batch === undefined ? config.hosts.batch : parseBatch(options.batch),
    maxFailures: options.maxFailures ?? config.hosts.max_failures,
  };
  const request = ({batch, ...wish}: EachOptions = {}): EachRequest => ({
    ...defaults,
    ...wish,
    ...(batch !== undefined && {batch: parseBatch(batch)}),
  });
  return {
    hosts: hosts.selected,
    local: hosts.local,
    host: hosts.named,
    instanceHost: (instance, region) => hosts.at(instance.id, instanceTarget(instance, region, config)),
    onEach: async (work, wish) => valuesOf(await outcomesOfEach(run, request(wish), work)),
    outcomeOnEach: async (work, wish) => outcomesOfEach(run, request(wish), work),
  };
}
