/** A lab with an instance in each of many regions, whose API can be made to hang for one of them. */
import assert from 'node:assert/strict';
import {open, readFile} from 'node:fs/promises';
import {join} from 'node:path';
import {labUp, type UpLab} from '../../../lab/hardware/lab-up.ts';
import {QUICK} from '../../../lab/lab-client.ts';
import {type LabSnapshot, tagOf} from '../../lab.ts';

/** How long CreateSnapshots takes, and with it a freeze. */
export const CALL_MS = 400;
/** ftask waits for a minute: an answer that comes just before that is too late for a freeze. */
const LATE_ANSWER_MS = 59_000;

/** Not us-east-1, which is asked for the regions there are. */
const REGIONS = [
  ...['eu-west-1', 'eu-west-2', 'eu-west-3', 'eu-central-1', 'eu-north-1', 'eu-south-1'],
  ...['us-east-2', 'us-west-1', 'us-west-2', 'ca-central-1', 'sa-east-1', 'ap-south-1'],
];
const disk = (mount: string) => ({size: 4, filesystem: 'ext4', mount});
const volumes = {'/dev/xvda': 8, '/dev/sdf': disk('/data'), '/dev/sdg': disk('/log')};
const FLEET = {
  ...QUICK,
  clock: {speed: 100},
  regions: Object.fromEntries(
    REGIONS.map((region) => [region, {instances: {[`db-${region}`]: {tags: {Role: 'db'}, volumes}}}]),
  ),
};

export interface LabInstance {
  readonly region: string;
  readonly name: string;
  readonly address: string;
}

export interface SlowLab extends UpLab {
  readonly instances: readonly LabInstance[];
  /** Of backups. */
  snapshots(region: string): Promise<readonly LabSnapshot[]>;
  /** From now on the API hangs for a region, for this action or for all; in the end it answers, or never. */
  hang(region: string, action: string, answers: boolean): Promise<void>;
  /** And works again for what is asked of it from then on. */
  goOn(region: string): Promise<void>;
  /** Whether the journal of the ext4 in a snapshot must be replayed: the superblock's flag `needs_recovery`. */
  needsReplay(snapshot: LabSnapshot): Promise<boolean>;
}

/** Starts it; it ends with the test file. */
export async function slowLab(): Promise<SlowLab> {
  const lab = await labUp(FLEET);
  const {pid} = JSON.parse(await readFile(join(lab.folder, '.ftask/lab/lock.json'), 'utf8'));
  const store = join(`/proc/${pid}/root`, lab.folder, '.ftask/lab/hardware/store/snapshots');
  const state = async () =>
    (await (await fetch(`${lab.url}/_lab/state`)).json()) as {
      readonly instances: readonly LabInstance[];
      readonly snapshots: readonly LabSnapshot[];
    };
  const slow = {action: 'CreateSnapshots', kind: 'slow', ms: CALL_MS};
  const faults = new Map<string, object>(REGIONS.map((region) => [region, {...slow, region}]));
  const setFault = async (region: string, fault: object): Promise<void> => {
    faults.set(region, {...fault, region});
    const body = JSON.stringify([...faults.values()]);
    const {status} = await fetch(`${lab.url}/_lab/faults`, {method: 'POST', body});
    assert.equal(status, 200);
  };
  const [first = ''] = REGIONS;
  await setFault(first, slow);
  return {
    ...lab,
    instances: (await state()).instances,
    snapshots: async (region) =>
      (await state()).snapshots.filter(
        (snapshot) => snapshot.Region === region && tagOf(snapshot, 'ftask:run') !== undefined,
      ),
    hang: (region, action, answers) =>
      setFault(region, {action, kind: answers ? 'slow' : 'hang', ms: LATE_ANSWER_MS}),
    goOn: (region) => setFault(region, slow),
    needsReplay: ({SnapshotId}) => needsReplay(join(store, SnapshotId)),
  };
}

async function needsReplay(path: string): Promise<boolean> {
  const file = await open(path);
  try {
    const {buffer} = await file.read(Buffer.alloc(1024), 0, 1024, 1024);
    assert.equal(buffer.readUInt16LE(0x38), 0xef53);
    return (buffer.readUInt32LE(0x60) & 0x4) !== 0;
  } finally {
    await file.close();
  }
}
