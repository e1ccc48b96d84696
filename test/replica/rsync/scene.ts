/** A lab without machines for the method rsync, and what the house gives to it there. */
import {mkdtemp, readFile, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import type {TestContext} from 'node:test';
import type {Ec2} from '../../../src/ec2/client.ts';
import type {InstanceId, Region, SnapshotId, VolumeId} from '../../../src/ec2/ids.ts';
import {ownSnapshots} from '../../../src/ec2/snapshots/own-snapshots.ts';
import {type ScriptedHost, scriptedHost} from '../../../src/host/scripted.ts';
import {openJournal} from '../../../src/journal/journal.ts';
import type {Order} from '../../../src/replica/method.ts';
import type {RsyncTools, RsyncWish} from '../../../src/replica/rsync/tools.ts';
import {ProgressModel} from '../../../src/runner/progress.ts';
import {UndoStack} from '../../../src/runner/undo.ts';
import {makeKeyPair} from '../../../src/ssh/temporary/key-pair.ts';
import {ec2Of, labFor} from '../../lab/lab-client.ts';
import {own} from '../plan/snapshots.ts';

export const FROM = 'eu-west-1' as Region;
export const TO = 'eu-central-1' as Region;

/** Delays as on AWS, a hundred times as fast. */
const FLEET = {
  clock: {speed: 100},
  timing: {
    snapshot_seconds: [40, 40],
    state_change_seconds: 8,
    attach_seconds: 3,
    eventual_consistency_seconds: 2,
  },
  quotas: {seconds_between_snapshots_of_a_volume: 0},
  throttling: false,
  regions: {
    [FROM]: {instances: {web: {volumes: {'/dev/xvda': 8}}}},
    [TO]: {instances: {viewer: {volumes: {'/dev/xvda': 8}}, resting: {state: 'stopped'}}},
  },
};

export interface RsyncScene {
  readonly ec2: Ec2;
  readonly tools: RsyncTools;
  readonly wish: RsyncWish;
  readonly order: Order;
  /** What the operator was told. */
  readonly notes: readonly string[];
  /** Hosts that were made. */
  readonly hosts: readonly ScriptedHost[];
  interrupt(): void;
  /** Sets what goes wrong from now on. */
  fail(...faults: readonly object[]): Promise<void>;
  instance(region: Region, name: string): Promise<InstanceId>;
  /** A volume in the destination, for what the copy would be on. */
  volume(): Promise<VolumeId>;
  /** Ids and states in the destination. */
  snapshots(): Promise<readonly (readonly [SnapshotId, string])[]>;
  journal(): Promise<readonly Record<string, unknown>[]>;
}

/** Starts a lab that ends with the test. Temporary instances are hosts that have everything. */
export async function rsyncScene(t: TestContext): Promise<RsyncScene> {
  const undo = new UndoStack();
  // Before the lab ends: what has not been removed gives signs of life for ever.
  t.after(() => undo.unwind());
  const {lab} = await labFor(t, {fleet: FLEET});
  const ec2 = ec2Of(t, lab);
  const folder = await mkdtemp(join(tmpdir(), 'ftask-rsync-'));
  t.after(() => rm(folder, {recursive: true}));
  const file = join(folder, 'journal.jsonl');
  const controller = new AbortController();
  const progress = new ProgressModel();
  const notes: string[] = [];
  progress.listen((event) => {
    if (event.kind === 'talk') notes.push(event.text);
  });
  const hosts: ScriptedHost[] = [];
  const host = (name: string): ScriptedHost => {
    const made = scriptedHost(name, [
      [/lsblk/, '--- ftask: devices\n{"blockdevices": []}\n'],
      [/./, ''],
    ]);
    hosts.push(made);
    return made;
  };
  const tools: RsyncTools = {
    ec2,
    run: {
      runId: '20261121T043012Z-7f3a9c',
      clock: ec2.clock,
      signal: controller.signal,
      undo,
      progress,
    },
    temporary: {user: 'admin', type: 't3.micro', openTo: ['203.0.113.7/32'], expiryMs: 15 * 60_000},
    keyPair: makeKeyPair,
    temporaryHost: ({name}) => host(name),
    existing: async ({id}) => ({host: host(id)}),
    journal: () => openJournal(file),
  };
  const one = async (region: Region, name: string) => {
    const Filters = [{Name: 'tag:Name', Values: [name]}];
    const {Reservations = []} = await ec2.call(region, 'DescribeInstances', {Filters});
    return Reservations[0]?.Instances?.[0];
  };
  return {
    ec2,
    tools,
    wish: {
      task: 'rsync_snapshot',
      excludes: [],
      encrypted: false,
      kmsKeys: {},
      pollIntervalMs: 1000,
      timeoutMs: 60 * 60_000,
      retries: 1,
    },
    order: {
      item: {source: {...own('snap-1', '2026-11-01T00:00:00Z'), region: FROM}, action: 'copy', behindMs: 0},
      to: TO,
      tags: {'ftask:source-snapshot': 'snap-1'},
      description: 'of vol-1',
      mayCreate: () => {},
      say: () => {},
    },
    notes,
    hosts,
    interrupt: () => controller.abort(new Error('Ctrl-C')),
    fail: async (...faults) => {
      const answer = await fetch(`${lab.url}/_lab/faults`, {method: 'POST', body: JSON.stringify(faults)});
      if (!answer.ok) throw new Error(await answer.text());
    },
    instance: async (region, name) => (await one(region, name))?.InstanceId as InstanceId,
    volume: async () => (await one(TO, 'viewer'))?.BlockDeviceMappings?.[0]?.Ebs?.VolumeId as VolumeId,
    snapshots: async () => (await ownSnapshots(ec2, TO)).map(({id, state}) => [id, state] as const),
    journal: async () =>
      (await readFile(file, 'utf8'))
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Record<string, unknown>),
  };
}
