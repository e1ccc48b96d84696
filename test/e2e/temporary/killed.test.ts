/** What `kill -9` leaves of `mount_snapshot` is removed by `ftask cleanup`, and nothing else is. */
import assert from 'node:assert/strict';
import {before, describe, test} from 'node:test';
import {setTimeout as delay} from 'node:timers/promises';
import {noHardware} from '../../lab/hardware/lab-up.ts';
import {REGION, type TemporaryLab, temporaryLab} from './lab.ts';

const KILLS = 50;
const AT_ONCE = 10;
/** From its start until it is mounted takes about this long. */
const LONGEST_MS = 5000;

describe('kill -9 at any moment of mount_snapshot', {skip: noHardware}, () => {
  let lab: TemporaryLab;
  before(async () => {
    lab = await temporaryLab();
  });

  /** One of them on the instance that stays, where the same snapshot can be mounted once at a time. */
  const killOne = async (_: unknown, index: number): Promise<void> => {
    const where = index === 0 ? ['--instance-id', lab.web] : [];
    const words = ['--region', REGION, '--snapshot-id', lab.snapshot, '--for', '1h', ...where];
    const {process: child, ended} = lab.start('mount_snapshot', ...words);
    await delay(Math.random() * LONGEST_MS);
    child.kill('SIGKILL');
    const {signal, stderr} = await ended;
    assert.equal(signal, 'SIGKILL', stderr);
  };

  /** A volume that looks like one of those that are left, but for the tag that makes it temporary. */
  const makeBystander = async (): Promise<string> => {
    const Filters = [{Name: 'tag-key', Values: ['ftask:temporary']}];
    const [left] = (await lab.ec2.describeVolumes({Filters})).Volumes ?? [];
    const Tags = left?.Tags?.filter(({Key}) => Key !== 'ftask:temporary');
    const TagSpecifications = [{ResourceType: 'volume' as const, ...(Tags && {Tags})}];
    const volume = {AvailabilityZone: `${REGION}a`, Size: 1, VolumeType: 'gp3' as const, TagSpecifications};
    return (await lab.ec2.createVolume(volume)).VolumeId ?? '';
  };

  test(`${KILLS} times leaves nothing after ftask cleanup, and a bystander of the same name untouched`, async (t) => {
    const quiet = await lab.inventory();
    let bystander = '';
    let most = 0;
    for (let kills = 0; kills < KILLS; kills += AT_ONCE) {
      await Promise.all(Array.from({length: AT_ONCE}, killOne));
      const left = await lab.temporary();
      most = Math.max(most, left.length);
      if (bystander === '' && left.some((id) => id.startsWith('vol-'))) bystander = await makeBystander();
      await lab.expire();
      const cleaned = await lab.ftask('cleanup');
      assert.equal(cleaned.code, 0, cleaned.stderr);
      assert.deepEqual(await lab.temporary(), [], cleaned.stderr);
      for (const id of left) assert.ok(cleaned.ids.includes(id), `${id} is told as removed`);
    }
    t.diagnostic(`at most ${most} things were left at a time`);
    assert.ok(most > 0 && bystander !== '');
    assert.deepEqual(await lab.inventory(), [...quiet, bystander].sort());
    assert.equal(await lab.ssh('web', 'cat /data/hello'), 'hello\n');
  });
});
