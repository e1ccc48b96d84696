/** What the tests of replication share: fleets with a history, and how they look at what came of it. */

import type {TestContext} from 'node:test';
import {EC2} from '@aws-sdk/client-ec2';
import type {ReplicatedSnapshot} from '../../../../src/replica/request.ts';
import {type Ended, emptyFolder, ftask, type Started, start} from '../../ftask.ts';
import {instances, type LabSnapshot, type TestLab, tagOf} from '../../lab.ts';

export const IRELAND = 'eu-west-1';
export const FRANKFURT = 'eu-central-1';
export const VIRGINIA = 'us-east-1';

/** Two volumes each of two instances in Ireland and of one in Virginia, with three days of snapshots. */
export function fleetWith(more: object = {}): object {
  return {
    clock: {speed: 200},
    timing: {copy_seconds: [60, 120]},
    regions: {
      [IRELAND]: {instances: instances(['web', 'db'])},
      [VIRGINIA]: {instances: instances(['mail'])},
      [FRANKFURT]: {},
      'ap-southeast-1': {},
      'ap-southeast-2': {},
    },
    history: [{every: {'1d': '3d'}}],
    ...more,
  };
}

/** From Ireland to Frankfurt. */
export const TO_FRANKFURT = ['rsync_region', '--src-region-name', IRELAND, '--dst-region-name', FRANKFURT];

/** Runs it on a lab, in a folder of its own unless one is given. */
export async function replicate(
  lab: TestLab,
  line: readonly string[] = TO_FRANKFURT,
  {cwd, env}: {readonly cwd?: string; readonly env?: NodeJS.ProcessEnv} = {},
): Promise<Ended> {
  return ftask(cwd ?? (await emptyFolder()), [`--lab=${lab.url}`, ...line], env);
}

/** The same, left running. */
export async function begin(
  lab: TestLab,
  line: readonly string[] = TO_FRANKFURT,
  env: NodeJS.ProcessEnv = {},
): Promise<Started> {
  return start(await emptyFolder(), [`--lab=${lab.url}`, ...line], env);
}

/** What a run told with `--json`. */
export function toldBy({stdout}: Ended): Told {
  const [task] = JSON.parse(stdout).tasks;
  return task;
}

export interface Told {
  readonly result: readonly ReplicatedSnapshot[];
  readonly failures: readonly {readonly item: string; readonly code: string; readonly message: string}[];
  readonly skipped: readonly {readonly item: string; readonly reason: string}[];
}

/** The copies that a region has: what tells a source. */
export async function replicasIn(lab: TestLab, region: string): Promise<LabSnapshot[]> {
  return (await lab.snapshots()).filter(
    (one) => one.Region === region && tagOf(one, 'ftask:source-snapshot') !== undefined,
  );
}

/** Of which snapshots these are copies, in order. */
export function sourcesOf(replicas: readonly LabSnapshot[]): string[] {
  return replicas.map((one) => tagOf(one, 'ftask:source-snapshot') ?? '').sort();
}

/** The newest snapshot of each volume that was born in a region. */
export async function newestIn(lab: TestLab, region: string): Promise<LabSnapshot[]> {
  const all = (await lab.snapshots()).filter(
    (one) => one.Region === region && tagOf(one, 'ftask:source-snapshot') === undefined,
  );
  const newest = new Map<string, LabSnapshot>();
  for (const one of all) {
    const known = newest.get(one.VolumeId);
    if (!known || timeOf(one) > timeOf(known)) newest.set(one.VolumeId, one);
  }
  return [...newest.values()];
}

function timeOf(snapshot: LabSnapshot): string {
  return tagOf(snapshot, 'ftask:time') ?? JSON.parse(snapshot.Description).Time;
}

export function idsOf(snapshots: readonly LabSnapshot[]): string[] {
  return snapshots.map(({SnapshotId}) => SnapshotId).sort();
}

/** How often an action was answered with a code since the last reset; `OK` by default. */
export async function countOf(lab: TestLab, action: string, code = 'OK'): Promise<number> {
  const {counts} = await lab.calls();
  return counts[action]?.[code] ?? 0;
}

/** The calls since the last reset that change anything. */
export async function mutations(lab: TestLab): Promise<string[]> {
  const {calls} = await lab.calls();
  return calls.filter(({mutating}) => mutating).map(({action}) => action);
}

/** Another tool at work on the lab. */
export function otherTool(t: TestContext, {url}: {readonly url: string}, region: string): EC2 {
  const credentials = {accessKeyId: 'lab', secretAccessKey: 'lab'};
  const ec2 = new EC2({region, endpoint: url, credentials});
  t.after(() => ec2.destroy());
  return ec2;
}

/** The names of the locks that are held in a region. */
export async function locksIn(ec2: EC2): Promise<string[]> {
  const {KeyPairs = []} = await ec2.describeKeyPairs({});
  return KeyPairs.map(({KeyName = ''}) => KeyName);
}
