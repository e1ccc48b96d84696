/** One piece of work on many hosts: as wide as allowed, and no outcome is lost. */
import {type BatchSize, planBatches} from './batch.ts';

/** What became of the work on one host. */
export type HostOutcome<Value> =
  | {readonly host: string; readonly status: 'done'; readonly value: Value}
  | {readonly host: string; readonly status: 'failed'; readonly error: unknown}
  | {readonly host: string; readonly status: 'not-run'; readonly reason: string};

export interface EachOptions {
  /** How many hosts are worked on at a time. */
  readonly parallel: number;
  /** A batch is begun when the one before it has ended; one batch by default. */
  readonly batch?: readonly BatchSize[];
  /** No further host is begun when so many have failed; never by default. */
  readonly maxFailures?: number | undefined;
  /** No further host is begun once it is aborted. Ending what is under way is the hosts' own business. */
  readonly signal: AbortSignal;
}

export interface EachHooks<Value> {
  readonly onStart?: (host: string) => void;
  readonly onEnd?: (outcome: HostOutcome<Value>) => void;
}

/** Calls `work` for every host. Never throws; the outcomes are in the order of the hosts. */
export async function onEach<One extends {readonly name: string}, Value>(
  hosts: readonly One[],
  work: (host: One) => Promise<Value>,
  {parallel, batch = [], maxFailures = Number.POSITIVE_INFINITY, signal}: EachOptions,
  {onStart, onEnd}: EachHooks<Value> = {},
): Promise<HostOutcome<Value>[]> {
  let failures = 0;
  const stopReason = (): string | undefined => {
    if (signal.aborted) return 'interrupted before its turn';
    if (failures < maxFailures) return undefined;
    return `${failures} ${failures === 1 ? 'host' : 'hosts'} failed before its turn`;
  };
  const settle = async (host: One): Promise<HostOutcome<Value>> => {
    const {name} = host;
    const reason = stopReason();
    if (reason !== undefined) return {host: name, status: 'not-run', reason};
    onStart?.(name);
    try {
      return {host: name, status: 'done', value: await work(host)};
    } catch (error) {
      failures += 1;
      return {host: name, status: 'failed', error};
    }
  };

  const outcomes: HostOutcome<Value>[] = [];
  for (const hostsOfBatch of planBatches(hosts, batch)) {
    const first = outcomes.length;
    await inLanes(hostsOfBatch, parallel, async (host, index) => {
      const outcome = await settle(host);
      outcomes[first + index] = outcome;
      onEnd?.(outcome);
    });
  }
  return outcomes;
}

/** Calls `work`, which must not throw, for all items in their order, at most `lanes` at a time. */
async function inLanes<Item>(
  items: readonly Item[],
  lanes: number,
  work: (item: Item, index: number) => Promise<void>,
): Promise<void> {
  const queue = items.entries();
  const lane = async () => {
    for (const [index, item] of queue) await work(item, index);
  };
  await Promise.all(Array.from({length: Math.min(lanes, items.length)}, lane));
}
