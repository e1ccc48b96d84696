/** Consistent backups with a lab's API and a real filesystem on this machine, which stands for every instance. */
import assert from 'node:assert/strict';
import {randomInt} from 'node:crypto';
import {appendFile, readFile} from 'node:fs/promises';
import {join} from 'node:path';
import {describe, type TestContext, test} from 'node:test';
import {RateLimits} from '../../src/ec2/call/limits.ts';
import type {Around, Ec2} from '../../src/ec2/client.ts';
import {InterruptedError} from '../../src/errors.ts';
import {shellHost} from '../../src/host/exec/shell-host.ts';
import {HostUnreachable} from '../../src/host/failures.ts';
import {localTransport} from '../../src/host/local.ts';
import {SomeFailed} from '../../src/runner/outcome.ts';
import {ProgressModel} from '../../src/runner/progress.ts';
import {backUp} from '../../src/snapshot/back-up.ts';
import type {ConsistencyRequest, Hook} from '../../src/snapshot/consistency/request.ts';
import type {BackupRequest, VolumeBackup} from '../../src/snapshot/request.ts';
import {folder, linkById, loopDevice, mounted, noDevices, run as runProgram} from '../disk/devices.ts';
import {isFrozen, thawAnyhow} from '../disk/freeze/disks.ts';
import {ec2Of, labFor, QUICK} from '../lab/lab-client.ts';
import {bareContext} from '../runner/run-context.ts';
import {atEnd} from '../ssh/at-end.ts';
import {BACKUP_REQUEST} from './backup-request.ts';

interface SceneOptions {
  /** More of the lab's fleet. */
  readonly fleet?: object;
  readonly state?: 'running' | 'stopped';
  readonly consistent?: Partial<ConsistencyRequest>;
  /** Happens when a CreateSnapshots is about to be sent. */
  readonly onCreate?: () => Promise<void>;
  readonly onSleep?: () => Promise<void>;
  /** The volume with the data has no device. */
  readonly isVanished?: boolean;
}

/** One instance with a root volume, which nobody has mounted, and an ext4 with data. */
async function openScene(t: TestContext, options: SceneOptions = {}) {
  const {fleet, state = 'running', onCreate, onSleep} = options;
  const instances = {
    web: {state, tags: {Earmarking: 'production'}, volumes: {'/dev/xvda': 8, '/dev/sdf': 20}},
  };
  // Volumes that no other scene has, since their devices are this machine's.
  const seed = randomInt(2 ** 31);
  const {lab, ec2: sdk} = await labFor(t, {
    fleet: {...QUICK, seed, regions: {'eu-west-1': {instances}}, ...fleet},
  });
  const {clock} = lab;
  const sleep: typeof clock.sleep = async (ms, signal) => {
    await onSleep?.();
    return clock.sleep(ms, signal);
  };
  const real = ec2Of(t, lab, {clock: {...clock, sleep}, limits: new RateLimits(clock)});
  const {Volumes = []} = await sdk.describeVolumes();
  const volumeAt = (name: string) =>
    Volumes.find(({Attachments}) => Attachments?.[0]?.Device === name)?.VolumeId ?? '';
  const device = await loopDevice(32);
  await runProgram('mkfs.ext4', '-q', device);
  const mountPoint = await mounted(device);
  atEnd(() => thawAnyhow(mountPoint));
  await linkById(volumeAt('/dev/xvda'), await loopDevice(16));
  if (!options.isVanished) await linkById(volumeAt('/dev/sdf'), device);

  const progress = new ProgressModel();
  const told: string[] = [];
  progress.listen((event) => {
    if ('text' in event && event.text !== undefined) told.push(event.text);
  });
  const controller = new AbortController();
  const run = bareContext({clock, signal: controller.signal, progress});
  const request: BackupRequest = {
    ...BACKUP_REQUEST,
    consistent: {
      freezeTimeoutMs: 10_000,
      freezeRoot: false,
      bestEffort: false,
      before: [],
      after: [],
      hostOf: ({id}) => shellHost(id, localTransport(), {signal: controller.signal, timeoutMs: 60_000}),
      ...options.consistent,
    },
  };
  return {
    ec2: onCreate ? whenCreating(real, onCreate) : real,
    run,
    request,
    told,
    mountPoint,
    data: volumeAt('/dev/sdf'),
    interrupt: () => controller.abort(new InterruptedError('SIGINT')),
    /** `ftask:consistency` of every snapshot, by volume. */
    tags: async () => {
      const {Snapshots = []} = await sdk.describeSnapshots({OwnerIds: ['self']});
      return Snapshots.map(({VolumeId, Tags = []}) => ({
        volume: VolumeId,
        level: Tags.find(({Key}) => Key === 'ftask:consistency')?.Value,
      }));
    },
  };
}

function whenCreating(ec2: Ec2, hook: () => Promise<void>): Ec2 {
  return {
    ...ec2,
    call: (region, action, input, signal, around: Around = (send) => send()) =>
      ec2.call(region, action, input, signal, (send) =>
        around(async () => {
          if (action === 'CreateSnapshots') await hook();
          return send();
        }),
      ),
  };
}

async function failedBackup(
  backup: Promise<readonly VolumeBackup[]>,
): Promise<SomeFailed['failures'][number]> {
  const error = await backup.then(
    () => assert.fail('it should have failed'),
    (reason: unknown) => reason,
  );
  if (!(error instanceof SomeFailed)) throw error;
  const [failure] = error.failures;
  assert.ok(failure);
  return failure;
}

const unreachable = () => {
  throw new HostUnreachable('i-web: connection refused');
};

describe('a consistent backup', {skip: noDevices}, () => {
  test('is made while the filesystem is frozen, and is tagged so only when that is proved', async (t) => {
    const seen: boolean[] = [];
    const scene = await openScene(t, {
      onCreate: async () => void seen.push(await isFrozen(scene.mountPoint)),
    });
    const rows = await backUp(scene.run, scene.ec2, scene.request);
    assert.deepEqual(seen, [true]);
    assert.equal(await isFrozen(scene.mountPoint), false);
    assert.deepEqual(
      (await scene.tags()).map(({level}) => level),
      ['frozen', 'frozen'],
    );
    const row = rows.find(({volumeId}) => volumeId === scene.data);
    assert.equal(row?.consistency, 'frozen');
    assert.deepEqual(row?.filesystems, [{mountPoint: scene.mountPoint, type: 'ext4', state: 'frozen'}]);
    assert.ok(typeof row?.frozenMs === 'number');
    assert.deepEqual(
      scene.told
        .filter((text) => /freez|frozen/.test(text))
        .map((text) => text.replace(/\d+ ms/, 'N ms').replace(/^snap.*; /, '')),
      ['freezing', 'frozen N ms', `frozen N ms: ${scene.mountPoint}`],
    );
  });

  for (const [what, fleet] of [
    ['throttling', {faults: [{action: 'CreateSnapshots', nth: [1, 2], kind: 'throttle'}]}],
    [
      "a volume's pause between snapshots",
      {clock: {speed: 10}, quotas: {seconds_between_snapshots_of_a_volume: 15}},
    ],
  ] as const) {
    test(`thaws before it waits for ${what}, and freezes anew`, async (t) => {
      const [creating, waiting]: boolean[][] = [[], []];
      const look = async (seen: boolean[] | undefined) => void seen?.push(await isFrozen(scene.mountPoint));
      const scene = await openScene(t, {fleet, onCreate: () => look(creating), onSleep: () => look(waiting)});
      if ('quotas' in fleet) await backUp(scene.run, scene.ec2, {...scene.request, consistent: undefined});
      const rows = await backUp({...scene.run, step: 2}, scene.ec2, scene.request);
      assert.ok(rows.every(({consistency}) => consistency === 'frozen'));
      assert.ok((creating?.filter((frozen) => frozen).length ?? 0) >= 2);
      assert.ok(waiting?.length);
      assert.ok(waiting.every((frozen) => !frozen));
    });
  }

  test('adopts what a lost answer made as what it is: nobody knows', async (t) => {
    const fleet = {faults: [{action: 'CreateSnapshots', nth: 1, kind: 'lost-answer'}]};
    const scene = await openScene(t, {fleet});
    const {error, row} = await failedBackup(backUp(scene.run, scene.ec2, scene.request));
    assert.equal(error.code, 'LessConsistent');
    assert.match(
      error.message,
      /AWS's answer was lost.*; made nevertheless: snap-\w+ \(crash\), snap-\w+ \(crash\)/,
    );
    assert.equal((row as unknown[]).length, 2);
    assert.deepEqual(
      (await scene.tags()).map(({level}) => level),
      ['crash', 'crash'],
    );
  });

  test('fails when the host thaws by itself before AWS has answered', async (t) => {
    const fleet = {clock: {speed: 1}, faults: [{action: 'CreateSnapshots', nth: 1, kind: 'slow', ms: 2500}]};
    const scene = await openScene(t, {fleet, consistent: {freezeTimeoutMs: 1000}});
    const {error} = await failedBackup(backUp(scene.run, scene.ec2, scene.request));
    assert.match(error.message, /^the host thawed by itself after \d+ ms, before it was told to/);
    const levels = new Map((await scene.tags()).map(({volume, level}) => [volume, level]));
    assert.equal(levels.get(scene.data), 'crash');
  });

  test('thaws first on Ctrl-C, and does not call frozen what was made meanwhile', async (t) => {
    const thawed: boolean[] = [];
    const scene = await openScene(t, {
      onCreate: async () => {
        scene.interrupt();
        while (await isFrozen(scene.mountPoint)) await new Promise((resolve) => setTimeout(resolve, 10));
        thawed.push(true);
      },
    });
    const {error} = await failedBackup(backUp(scene.run, scene.ec2, scene.request));
    assert.deepEqual(thawed, [true]);
    assert.match(error.message, /thawed on Ctrl-C/);
    const levels = new Map((await scene.tags()).map(({volume, level}) => [volume, level]));
    assert.equal(levels.get(scene.data), 'crash');
  });

  test('says which filesystem somebody else holds frozen, and leaves it so', async (t) => {
    const scene = await openScene(t);
    await runProgram('fsfreeze', '--freeze', scene.mountPoint);
    const {error} = await failedBackup(backUp(scene.run, scene.ec2, scene.request));
    assert.ok(error.message.startsWith(`${scene.mountPoint} was not frozen: `), error.message);
    assert.equal(await isFrozen(scene.mountPoint), true);
    const levels = new Map((await scene.tags()).map(({volume, level}) => [volume, level]));
    assert.equal(levels.get(scene.data), 'synced');
    await thawAnyhow(scene.mountPoint);
  });

  test('makes nothing when a volume has no device on the host', async (t) => {
    const scene = await openScene(t, {isVanished: true});
    const {error} = await failedBackup(backUp(scene.run, scene.ec2, scene.request));
    assert.match(error.message, new RegExp(`volume ${scene.data} \\(/dev/sdf\\) has no device there`));
    assert.deepEqual(await scene.tags(), []);
  });

  test('does not need the device of a volume that is left out', async (t) => {
    const scene = await openScene(t, {isVanished: true});
    const rows = await backUp(scene.run, scene.ec2, {...scene.request, excludeDevices: ['/dev/sdf']});
    assert.deepEqual(
      rows.map(({device, consistency}) => [device, consistency]),
      [['/dev/xvda', 'frozen']],
    );
  });

  test('makes nothing when the host is not reached, unless less will do', async (t) => {
    const scene = await openScene(t, {consistent: {hostOf: unreachable}});
    const {error} = await failedBackup(backUp(scene.run, scene.ec2, scene.request));
    assert.equal(error.code, 'HostUnreachable');
    assert.deepEqual(await scene.tags(), []);

    const {consistent} = scene.request;
    assert.ok(consistent);
    const less = {...scene.request, consistent: {...consistent, bestEffort: true}};
    const rows = await backUp(scene.run, scene.ec2, less);
    assert.deepEqual(
      rows.map(({consistency}) => consistency),
      ['crash', 'crash'],
    );
    assert.ok(scene.told.some((text) => text.includes('connection refused; made nevertheless')));
  });

  test('takes a stopped instance for still, without reaching for it', async (t) => {
    const scene = await openScene(t, {state: 'stopped', consistent: {hostOf: unreachable}});
    const rows = await backUp(scene.run, scene.ec2, scene.request);
    assert.deepEqual(
      rows.map(({consistency, frozenMs}) => [consistency, frozenMs]),
      [
        ['frozen', null],
        ['frozen', null],
      ],
    );
    assert.deepEqual(
      (await scene.tags()).map(({level}) => level),
      ['frozen', 'frozen'],
    );
  });

  test('tells of tags that could not be raised', async (t) => {
    const fleet = {
      faults: [{action: 'CreateTags', kind: 'error', code: 'UnauthorizedOperation', status: 403}],
    };
    const scene = await openScene(t, {fleet});
    const {error} = await failedBackup(backUp(scene.run, scene.ec2, scene.request));
    assert.match(error.message, /still say crash: not permitted: ec2:CreateTags/);
    assert.match(error.message, /\(crash\), snap-\w+ \(crash\)/);
  });

  test('says in a dry run what it would come to, and reaches for no host', async (t) => {
    const scene = await openScene(t, {consistent: {hostOf: unreachable}});
    const rows = await backUp(scene.run, scene.ec2, {...scene.request, dryRun: true});
    assert.deepEqual(
      rows.map(({device, consistency}) => [device, consistency]),
      [
        ['/dev/xvda', 'synced'],
        ['/dev/sdf', 'frozen'],
      ],
    );
    assert.ok(scene.told.length === 0);
  });
});

describe('a resumed consistent backup', {skip: noDevices}, () => {
  test('makes again what is less consistent than is asked for, and removes it when it is replaced', async (t) => {
    const scene = await openScene(t);
    const {consistent, ...plain} = scene.request;
    const first = await backUp(scene.run, scene.ec2, plain);
    const resumed = {...scene.run, resumed: true};
    const second = await backUp(resumed, scene.ec2, {...scene.request, synchronously: true});
    assert.deepEqual(
      second.map(({consistency}) => consistency),
      ['frozen', 'frozen'],
    );
    assert.ok(second.every(({snapshotId}) => !first.some((old) => old.snapshotId === snapshotId)));
    assert.deepEqual(
      (await scene.tags()).map(({level}) => level),
      ['frozen', 'frozen'],
    );

    const third = await backUp(resumed, scene.ec2, {...scene.request, synchronously: true});
    assert.deepEqual(
      third.map(({snapshotId}) => snapshotId),
      second.map(({snapshotId}) => snapshotId),
    );
  });

  test('keeps what was made before when the host cannot be frozen now', async (t) => {
    const scene = await openScene(t);
    const {consistent, ...plain} = scene.request;
    assert.ok(consistent);
    await backUp(scene.run, scene.ec2, plain);
    const broken = {...scene.request, synchronously: true, consistent: {...consistent, hostOf: unreachable}};
    await failedBackup(backUp({...scene.run, resumed: true}, scene.ec2, broken));
    assert.equal((await scene.tags()).length, 2);
  });
});

describe('hooks', {skip: noDevices}, () => {
  /** A hook that writes its name and what comes before it into a file outside of what is frozen. */
  async function openHooks(t: TestContext, before: string, after: string, more: SceneOptions = {}) {
    const log = join(await folder(), 'log');
    await appendFile(log, '');
    const hook = (name: string, run: string): Hook => ({
      name,
      run: `echo ${name} >>${log}; ${run}`,
      timeoutMs: 5000,
    });
    const hooks = {
      before: [hook('first', before), {...hook('other', 'true'), tag: {name: 'Role', value: 'none'}}],
      after: [hook('last', after), hook('very last', 'true')],
    };
    const scene = await openScene(t, {
      ...more,
      consistent: {...hooks, ...more.consistent},
      onCreate: async () => {
        await appendFile(log, 'call\n');
        await more.onCreate?.();
      },
    });
    return {...scene, log: async () => (await readFile(log, 'utf8')).trim().split('\n')};
  }

  test('run around the freeze, on the instances that they are for', async (t) => {
    const scene = await openHooks(t, 'true', 'true');
    await backUp(scene.run, scene.ec2, scene.request);
    assert.deepEqual(await scene.log(), ['first', 'call', 'last', 'very last']);
  });

  test('run around each attempt', async (t) => {
    const fleet = {faults: [{action: 'CreateSnapshots', nth: 1, kind: 'throttle'}]};
    const scene = await openHooks(t, 'true', 'true', {fleet});
    await backUp(scene.run, scene.ec2, scene.request);
    const once = ['first', 'call', 'last', 'very last'];
    assert.deepEqual(await scene.log(), [...once, ...once]);
  });

  test('run after Ctrl-C, too', async (t) => {
    const scene = await openHooks(t, 'true', 'true', {onCreate: async () => scene.interrupt()});
    await failedBackup(backUp(scene.run, scene.ec2, scene.request));
    assert.deepEqual(await scene.log(), ['first', 'call', 'last', 'very last']);
  });

  test('keep the snapshots from being made when one fails before; those after it run all the same', async (t) => {
    const scene = await openHooks(t, 'echo no server >&2; exit 2', 'true');
    const {error} = await failedBackup(backUp(scene.run, scene.ec2, scene.request));
    assert.match(error.message, /: the hook first before the freeze: exit code 2\n {2}no server$/);
    assert.deepEqual(await scene.log(), ['first', 'last', 'very last']);
    assert.deepEqual(await scene.tags(), []);
  });

  test('that fail afterwards are a failure of what is frozen nevertheless', async (t) => {
    const scene = await openHooks(t, 'true', 'false');
    const {error} = await failedBackup(backUp(scene.run, scene.ec2, scene.request));
    assert.match(
      error.message,
      /the hook last after the freeze: exit code 1; made nevertheless: \S+ \(frozen\)/,
    );
    assert.deepEqual(await scene.log(), ['first', 'call', 'last', 'very last']);
  });

  test('that fail are told with best effort, and the freeze is done', async (t) => {
    const scene = await openHooks(t, 'false', 'true', {consistent: {bestEffort: true}});
    const rows = await backUp(scene.run, scene.ec2, scene.request);
    assert.ok(rows.every(({consistency}) => consistency === 'frozen'));
    assert.ok(scene.told.some((text) => text.includes('the hook first before the freeze: exit code 1')));
  });

  test('are ended when their time is over', async (t) => {
    const slow: Hook = {name: 'slow', run: 'sleep 60', timeoutMs: 200};
    const scene = await openScene(t, {consistent: {before: [slow]}});
    const {error} = await failedBackup(backUp(scene.run, scene.ec2, scene.request));
    assert.match(error.message, /the hook slow before the freeze: not done after 0.2 s/);
    assert.deepEqual(await scene.tags(), []);
  });
});
