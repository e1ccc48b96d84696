import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import type {Ec2} from '../../../src/ec2/client.ts';
import {openScratch, type Scratch, withScratch} from '../../../src/ec2/scratch/scratch.ts';
import {UndoStack} from '../../../src/runner/undo.ts';
import {INSTANCE, REGION, scratchLab, type TestLab} from './lab.ts';

const KINDS = ['instance', 'key-pair', 'security-group', 'volume', 'volume'];

/** An instance with a volume attached to it; tells what there is then. */
async function setUp(scratch: Scratch, lab: TestLab) {
  const instance = await scratch.instance(INSTANCE);
  const volume = await scratch.volume({zone: instance.zone, sizeGiB: 1});
  const device = await scratch.attach(volume, instance.id);
  return {instance, volume, device, things: await lab.things()};
}

function kindsOf(things: readonly {readonly kind: string}[]): string[] {
  return things.map(({kind}) => kind).sort();
}

async function groupOf(ec2: Ec2) {
  const Filters = [{Name: 'tag-key', Values: ['ftask:temporary']}];
  return (await ec2.call(REGION, 'DescribeSecurityGroups', {Filters})).SecurityGroups?.[0];
}

describe('a scratch', () => {
  test('makes an instance with a volume that is attached, and leaves nothing behind', async (t) => {
    const lab = await scratchLab(t);
    const made = await withScratch(lab.ec2, REGION, lab.options(), (scratch) => setUp(scratch, lab));
    assert.match(made.instance.privateAddress ?? '', /^\d+\.\d+\.\d+\.\d+$/);
    assert.equal(made.device, '/dev/sdf');
    assert.deepEqual(kindsOf(made.things), KINDS);
    assert.deepEqual(await lab.things(), []);
  });

  test('tags everything with run and expiry in the creating call', async (t) => {
    const lab = await scratchLab(t);
    const {things} = await withScratch(lab.ec2, REGION, lab.options(), (scratch) => setUp(scratch, lab));
    const now = lab.ec2.clock.now();
    for (const {run, expiresMs} of things) {
      assert.equal(run, lab.options().run);
      assert.ok(expiresMs > now && expiresMs <= now + 15 * 60_000);
    }
    assert.ok(!(await lab.calls()).includes('CreateTags'));
  });

  test('opens port 22 to the given addresses and nothing else', async (t) => {
    const lab = await scratchLab(t);
    const group = await withScratch(lab.ec2, REGION, lab.options(), async (scratch) => {
      await scratch.instance(INSTANCE);
      return groupOf(lab.ec2);
    });
    const [only, ...others] = group?.IpPermissions ?? [];
    assert.deepEqual(others, []);
    assert.deepEqual([only?.IpProtocol, only?.FromPort, only?.ToPort], ['tcp', 22, 22]);
    assert.deepEqual(
      only?.IpRanges?.map(({CidrIp}) => CidrIp),
      ['203.0.113.7/32'],
    );
  });

  test('takes the next device name when one is taken', async (t) => {
    const lab = await scratchLab(t);
    const device = await withScratch(lab.ec2, REGION, lab.options(), async (scratch) =>
      scratch.attach(await scratch.volume({zone: 'eu-west-1a', sizeGiB: 1}), lab.web),
    );
    assert.equal(device, '/dev/sdg');
    assert.deepEqual(await lab.things(), []);
  });

  test('is removed when the work fails, and tells why it failed', async (t) => {
    const lab = await scratchLab(t);
    const work = async (scratch: Scratch) => {
      await setUp(scratch, lab);
      throw new Error('the work failed');
    };
    await assert.rejects(withScratch(lab.ec2, REGION, lab.options(), work), /the work failed/);
    assert.deepEqual(await lab.things(), []);
  });

  test('is removed after Ctrl-C at any time', async (t) => {
    const lab = await scratchLab(t);
    const actions = ['ImportKeyPair', 'CreateSecurityGroup', 'RunInstances', 'CreateVolume', 'AttachVolume'];
    for (const action of actions) {
      const interrupt = new AbortController();
      const ec2: Ec2 = {
        ...lab.ec2,
        call: (region, called, ...rest) => {
          if (called === action) interrupt.abort(new Error('Ctrl-C'));
          return lab.ec2.call(region, called, ...rest);
        },
      };
      const options = lab.options({signal: interrupt.signal});
      await assert.rejects(
        withScratch(ec2, REGION, options, (scratch) => setUp(scratch, lab)),
        /Ctrl-C/,
      );
      assert.deepEqual(await lab.things(), [], action);
    }
  });

  test('is registered where the run takes things back, before anything is made', async (t) => {
    const lab = await scratchLab(t);
    const undo = new UndoStack();
    await withScratch(lab.ec2, REGION, lab.options({undo}), async (scratch) => {
      await scratch.instance(INSTANCE);
      assert.deepEqual(await undo.unwind(), []);
      assert.deepEqual(await lab.things(), []);
      await assert.rejects(scratch.volume({zone: 'eu-west-1a', sizeGiB: 1}), /removed already/);
    });
  });

  test('makes one of each although the answers are lost', async (t) => {
    const lab = await scratchLab(t);
    const actions = ['ImportKeyPair', 'CreateSecurityGroup', 'RunInstances', 'CreateVolume', 'AttachVolume'];
    await lab.fail(...actions.map((action) => ({action, nth: 1, kind: 'lost-answer'})));
    const {things} = await withScratch(lab.ec2, REGION, lab.options(), (scratch) => setUp(scratch, lab));
    assert.deepEqual(kindsOf(things), KINDS);
    assert.deepEqual(await lab.things(), []);
  });

  for (const action of ['ImportKeyPair', 'CreateSecurityGroup', 'RunInstances', 'CreateVolume']) {
    test(`leaves nothing behind when no answer to ${action} ever comes`, async (t) => {
      const lab = await scratchLab(t);
      await lab.fail({action, probability: 1, kind: 'lost-answer'});
      const work = (scratch: Scratch) => setUp(scratch, lab);
      // A key pair and a group are found by their names.
      await withScratch(lab.ec2, REGION, lab.options(), work).catch((error: Error) =>
        assert.match(error.message, new RegExp(action)),
      );
      assert.deepEqual(await lab.things(), []);
    });
  }

  test('tries another zone when one has no room', async (t) => {
    const lab = await scratchLab(t);
    await lab.fail({
      action: 'RunInstances',
      nth: 1,
      kind: 'error',
      code: 'InsufficientInstanceCapacity',
      status: 500,
    });
    const said: string[] = [];
    const options = lab.options({say: (text) => said.push(text)});
    const {zone} = await withScratch(lab.ec2, REGION, options, (scratch) => scratch.instance(INSTANCE));
    assert.equal(zone, 'eu-west-1b');
    assert.ok(said.some((text) => /eu-west-1a has no room \(InsufficientInstanceCapacity\)/.test(text)));
  });

  test('stays in the zone that a volume fixes, and says when that has no room', async (t) => {
    const lab = await scratchLab(t);
    await lab.fail({action: 'RunInstances', probability: 1, kind: 'error', code: 'Unsupported'});
    const request = {...INSTANCE, zone: 'eu-west-1c'};
    await assert.rejects(
      withScratch(lab.ec2, REGION, lab.options(), (scratch) => scratch.instance(request)),
      /^FtaskError: no room for a t3.micro in eu-west-1c; RunInstances in eu-west-1: .*\(Unsupported\)$/,
    );
    assert.deepEqual(await lab.things(), []);
  });

  test('starts in the subnet that is configured, and in no other zone than its', async (t) => {
    const lab = await scratchLab(t);
    const {Subnets = []} = await lab.ec2.call(REGION, 'DescribeSubnets', {});
    const subnet = Subnets.find(({AvailabilityZone}) => AvailabilityZone === 'eu-west-1c')?.SubnetId ?? '';
    const start = (request: object) =>
      withScratch(lab.ec2, REGION, lab.options(), (scratch) => scratch.instance({...INSTANCE, ...request}));
    assert.equal((await start({subnet})).zone, 'eu-west-1c');
    await assert.rejects(
      start({subnet, zone: 'eu-west-1a'}),
      /temporary\.subnet: subnet-\w+ is in eu-west-1c, but the volume is in eu-west-1a$/,
    );
    await assert.rejects(
      start({subnet: 'subnet-00000000'}),
      /temporary\.subnet: there is no subnet-00000000 in eu-west-1$/,
    );
  });

  test('says that an image is not there', async (t) => {
    const lab = await scratchLab(t);
    const work = (scratch: Scratch) => scratch.instance({...INSTANCE, image: 'ami-00000000'});
    await assert.rejects(
      withScratch(lab.ec2, REGION, lab.options(), work),
      /^FtaskError: there is no image ami-00000000 in eu-west-1$/,
    );
  });

  test('is removed with what is just being attached, and attaches nothing afterwards', async (t) => {
    const lab = await scratchLab(t);
    const scratch = openScratch(lab.ec2, REGION, lab.options());
    const volume = await scratch.volume({zone: 'eu-west-1a', sizeGiB: 1});
    const attaching = scratch.attach(volume, lab.web);
    await scratch.remove();
    assert.equal(await attaching, '/dev/sdg');
    assert.deepEqual(await lab.things(), []);
    await assert.rejects(scratch.attach(volume, lab.web), {code: 'ScratchOver'});
  });

  test('detaches a volume, as often as it is asked to', async (t) => {
    const lab = await scratchLab(t);
    await withScratch(lab.ec2, REGION, lab.options(), async (scratch) => {
      const {volume} = await setUp(scratch, lab);
      assert.equal(await scratch.detach(volume), false);
      assert.equal(await scratch.detach(volume), false);
      const {Volumes = []} = await lab.ec2.call(REGION, 'DescribeVolumes', {VolumeIds: [volume]});
      assert.equal(Volumes[0]?.State, 'available');
    });
  });

  test('lets more addresses reach one of its instances, as often as it is asked to', async (t) => {
    const lab = await scratchLab(t);
    const group = await withScratch(lab.ec2, REGION, lab.options(), async (scratch) => {
      const {id} = await scratch.instance(INSTANCE);
      await scratch.admit(id, ['198.51.100.4/32']);
      await scratch.admit(id, ['198.51.100.4/32']);
      return groupOf(lab.ec2);
    });
    const ranges = group?.IpPermissions?.flatMap(({IpRanges = []}) => IpRanges.map(({CidrIp}) => CidrIp));
    assert.deepEqual(ranges, ['203.0.113.7/32', '198.51.100.4/32']);
  });

  test('encrypts a volume when it is asked to, with the key that is named', async (t) => {
    const lab = await scratchLab(t);
    const kmsKey = 'arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab';
    const volumes = await withScratch(lab.ec2, REGION, lab.options(), async (scratch) => {
      const VolumeIds = [
        await scratch.volume({zone: 'eu-west-1a', sizeGiB: 1, encryption: {}}),
        await scratch.volume({zone: 'eu-west-1a', sizeGiB: 1, encryption: {kmsKey}}),
      ];
      return (await lab.ec2.call(REGION, 'DescribeVolumes', {VolumeIds})).Volumes ?? [];
    });
    assert.deepEqual(
      volumes.map(({Encrypted}) => Encrypted),
      [true, true],
    );
    assert.equal(volumes[1]?.KmsKeyId, kmsKey);
  });

  test('stays open for as long as it is needed', async (t) => {
    const lab = await scratchLab(t);
    const undo = new UndoStack();
    const scratch = openScratch(lab.ec2, REGION, lab.options({undo}));
    await scratch.volume({zone: 'eu-west-1a', sizeGiB: 1});
    await scratch.remove();
    await scratch.remove();
    assert.deepEqual(await lab.things(), []);
    assert.deepEqual(await undo.unwind(), []);
  });

  test('puts off its expiry for as long as it lives', async (t) => {
    const lab = await scratchLab(t);
    const options = lab.options({expiryMs: 60_000});
    await withScratch(lab.ec2, REGION, options, async (scratch) => {
      await scratch.volume({zone: 'eu-west-1a', sizeGiB: 1});
      const before = await lab.things();
      await lab.ec2.clock.sleep(70_000);
      const after = await lab.things();
      assert.ok((after[0]?.expiresMs ?? 0) > (before[0]?.expiresMs ?? 0));
      assert.ok((after[0]?.expiresMs ?? 0) > lab.ec2.clock.now());
    });
  });

  test('tells what it could not remove, and how to', async (t) => {
    const lab = await scratchLab(t);
    const work = async (scratch: Scratch) => {
      await scratch.volume({zone: 'eu-west-1a', sizeGiB: 1});
      await lab.fail({action: 'DeleteVolume', probability: 1, kind: 'error', code: 'UnauthorizedOperation'});
    };
    await assert.rejects(withScratch(lab.ec2, REGION, lab.options(), work), (error) => {
      assert.ok(error instanceof Error && 'hint' in error);
      assert.match(error.message, /^could not remove vol-\w+ in eu-west-1: not permitted/);
      assert.match(String(error.hint), /ftask cleanup --region eu-west-1/);
      return true;
    });
    const told: string[] = [];
    const options = lab.options({warn: (text) => void told.push(text)});
    const failing = async (scratch: Scratch) => {
      await work(scratch);
      throw new Error('the work failed');
    };
    await assert.rejects(withScratch(lab.ec2, REGION, options, failing), /^Error: the work failed$/);
    assert.match(told.join(), /^could not remove vol-\w+ .* ftask cleanup --region eu-west-1 removes it/s);
  });

  test('removes what it has made though it may not look for more, and tells that', async (t) => {
    const lab = await scratchLab(t);
    const work = async (scratch: Scratch) => {
      await scratch.volume({zone: 'eu-west-1a', sizeGiB: 1});
      await lab.fail({action: 'DescribeKeyPairs', nth: 1, kind: 'error', code: 'UnauthorizedOperation'});
    };
    await assert.rejects(withScratch(lab.ec2, REGION, lab.options(), work), {
      code: 'NotRemoved',
      message: /^could not remove what else there may be in eu-west-1: not permitted/,
    });
    assert.deepEqual(await lab.things(), []);
  });
});
