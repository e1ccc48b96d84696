/** What the tests of trimming share: fleets with a history, and how they look at what became of it. */
import {readFile} from 'node:fs/promises';
import {join} from 'node:path';
import type {TestContext} from 'node:test';
import {EC2} from '@aws-sdk/client-ec2';
import type {PlannedSnapshot, TrimPlan} from '../../../src/snapshot/trim/plan.ts';
import {type Ended, emptyFolder, ftask} from '../ftask.ts';
import {instances, type LabSnapshot, type TestLab} from '../lab.ts';

/** A fleet of one region with the history of one instance of two volumes. */
export function fleetWith(...history: readonly object[]): object {
  return {
    clock: {speed: 50},
    regions: {'eu-west-1': {instances: instances(['web'])}, 'us-east-1': {}},
    history,
  };
}

/** A policy under which most of a daily history goes, and nothing stands in its way. */
export const STRICT = ['--policy', 'daily=3', '--min-keep', '1', '--max-delete-percent', '100'] as const;

/** Runs trim_snapshots on a lab, in a folder of its own unless one is given. */
export async function trim(lab: TestLab, args: readonly string[], cwd?: string): Promise<Ended> {
  return ftask(cwd ?? (await emptyFolder()), [`--lab=${lab.url}`, 'trim_snapshots', ...args]);
}

/** A plan made on a lab, as it is in its file. */
export async function planOf(lab: TestLab, args: readonly string[]): Promise<PlanInFile> {
  const folder = await emptyFolder();
  const file = join(folder, 'plan.json');
  const ended = await trim(lab, ['--plan', file, ...args], folder);
  const text = await readFile(file, 'utf8');
  return {ended, folder, file, text, plan: JSON.parse(text)};
}

export interface PlanInFile {
  readonly ended: Ended;
  readonly folder: string;
  readonly file: string;
  readonly text: string;
  readonly plan: TrimPlan & {readonly digest: string};
}

/** All that a plan judges. */
export function judged({regions}: TrimPlan): PlannedSnapshot[] {
  return regions.flatMap(({lineages}) => lineages.flatMap(({snapshots}) => snapshots));
}

/** What a plan deletes, by id. */
export function deletesOf(plan: TrimPlan): string[] {
  return judged(plan)
    .filter(({verdict}) => verdict === 'delete')
    .map(({id}) => id)
    .sort();
}

/** What is there, by id. */
export async function present(lab: TestLab): Promise<string[]> {
  return idsOf(await lab.snapshots());
}

export function idsOf(snapshots: readonly LabSnapshot[]): string[] {
  return snapshots.map(({SnapshotId}) => SnapshotId).sort();
}

/** The calls since the last reset that change anything. */
export async function mutations(lab: TestLab): Promise<string[]> {
  const {calls} = await lab.calls();
  return calls.filter(({mutating}) => mutating).map(({action}) => action);
}

/** Another tool at work on the lab. */
export function otherTool(t: TestContext, lab: TestLab): EC2 {
  const credentials = {accessKeyId: 'lab', secretAccessKey: 'lab'};
  const ec2 = new EC2({region: 'eu-west-1', endpoint: lab.url, credentials});
  t.after(() => ec2.destroy());
  return ec2;
}
