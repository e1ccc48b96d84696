/** The same against moto, whose EC2 is not of our making; it keeps key pairs that are deleted by their id, though. */
import assert from 'node:assert/strict';
import {after, before, describe, test} from 'node:test';
import type {EC2, Snapshot} from '@aws-sdk/client-ec2';
import {systemClock} from '../../../../src/clock.ts';
import {endpointAt} from '../../../contract/endpoint.ts';
import {type Moto, startMoto} from '../../../contract/moto.ts';
import {whyMissing} from '../../../venv.ts';
import {emptyFolder, ftask} from '../../ftask.ts';
import {FRANKFURT, IRELAND, TO_FRANKFURT} from './scene.ts';

const missing = await whyMissing('moto');

describe('replication on moto', {skip: missing ?? false}, () => {
  let moto: Moto | undefined;
  let client: (region: string) => EC2;
  before(async () => {
    moto = await startMoto();
    client = endpointAt(moto.url, systemClock).client;
  });
  after(() => moto?.stop());

  const replicate = async (...more: string[]) =>
    ftask(await emptyFolder(), ['--endpoint-url', moto?.url ?? '', ...TO_FRANKFURT, ...more], {
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      FTASK_REPLICATION_POLL_INTERVAL: '1s',
    });
  const replicas = async (): Promise<Snapshot[]> => {
    const {Snapshots = []} = await client(FRANKFURT).describeSnapshots({OwnerIds: ['self']});
    return Snapshots.filter(({Tags = []}) => Tags.some(({Key}) => Key === 'ftask:source-snapshot'));
  };

  test('copies the newest of each volume once', async () => {
    const ec2 = client(IRELAND);
    const Tags = [{Key: 'Earmarking', Value: 'production'}];
    const newest: string[] = [];
    for (const size of [1, 2]) {
      const {VolumeId} = await ec2.createVolume({AvailabilityZone: `${IRELAND}a`, Size: size});
      for (const time of ['2026-11-01T00:00:00Z', '2026-11-02T00:00:00Z']) {
        const described = {
          ResourceType: 'snapshot' as const,
          Tags: [...Tags, {Key: 'ftask:time', Value: time}],
        };
        const {SnapshotId = ''} = await ec2.createSnapshot({VolumeId, TagSpecifications: [described]});
        if (time > '2026-11-02') newest.push(SnapshotId);
      }
    }
    const dry = await replicate('--dry-run');
    assert.equal(dry.code, 0, dry.stderr);
    assert.deepEqual([...dry.ids].sort(), newest.sort());
    assert.deepEqual(await replicas(), []);
    const first = await replicate();
    assert.equal(first.code, 0, first.stderr);
    const made = await replicas();
    assert.deepEqual([...first.ids].sort(), made.map(({SnapshotId}) => SnapshotId).sort());
    const sources = made.map(
      ({Tags: tags = []}) => tags.find(({Key}) => Key === 'ftask:source-snapshot')?.Value,
    );
    assert.deepEqual(sources.sort(), newest);
    const again = await replicate();
    assert.equal(again.code, 0, again.stderr);
    assert.deepEqual(again.ids, []);
  });
});
