/** What the lab keeps between runs, and who may hold it. */
import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {appendFileSync, existsSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {describe, type TestContext, test} from 'node:test';
import {EC2} from '@aws-sdk/client-ec2';
import {fleetFrom} from '../../src/lab/fleet/parse.ts';
import {openLab, resetLab, startLab} from '../../src/lab/lab.ts';
import {World} from '../../src/lab/world.ts';
import {clientOf, FLEET} from './lab-client.ts';

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'ftask-lab-'));
  t.after(() => rmSync(path, {recursive: true, force: true}));
  return path;
}

describe('the state of a lab', () => {
  test('that has disks and machines is not gone on with when they are off, nor the other way round', async (t) => {
    const [real, embedded] = [folder(t), folder(t)];
    new World(fleetFrom(FLEET), {stateDir: real, hasHardware: true}).close();
    await assert.rejects(openLab({fleet: FLEET, stateDir: real}), {code: 'LabIsDown'});
    new World(fleetFrom(FLEET), {stateDir: embedded}).close();
    const turnOn = () => new World(fleetFrom(FLEET), {stateDir: embedded, hasHardware: true});
    assert.throws(turnOn, {code: 'LabWithoutHardware'});
  });

  test('is there again for the next run, and its time never goes back', async (t) => {
    const stateDir = folder(t);
    const first = await openLab({fleet: FLEET, stateDir});
    const {ec2} = clientOf(t, first);
    const {Volumes} = await ec2.describeVolumes({});
    const {SnapshotId = ''} = await ec2.createSnapshot({VolumeId: Volumes?.[0]?.VolumeId});
    const then = first.clock.now();
    await first.close();
    const second = await openLab({fleet: FLEET, stateDir});
    t.after(() => second.close());
    assert.equal(second.notice, undefined);
    assert.ok(second.clock.now() >= then);
    const again = clientOf(t, second).ec2;
    const {Snapshots} = await again.describeSnapshots({SnapshotIds: [SnapshotId]});
    assert.equal(Snapshots?.[0]?.VolumeId, Volumes?.[0]?.VolumeId);
    assert.deepEqual((await again.describeVolumes({})).Volumes, Volumes);
  });

  test('survives kill -9 right after an answer', async (t) => {
    const stateDir = folder(t);
    const program = `
      import {startLab} from ${JSON.stringify(new URL('../../src/lab/lab.ts', import.meta.url).href)};
      const lab = await startLab(${JSON.stringify({fleet: FLEET, stateDir})});
      console.log(lab.url);`;
    const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [url] = await once(child.stdout, 'data');
    const credentials = {accessKeyId: 'lab', secretAccessKey: 'lab'};
    const ec2 = new EC2({region: 'eu-west-1', endpoint: String(url).trim(), credentials, maxAttempts: 1});
    t.after(() => ec2.destroy());
    const {Volumes} = await ec2.describeVolumes({});
    const {SnapshotId = ''} = await ec2.createSnapshot({VolumeId: Volumes?.[0]?.VolumeId});
    child.kill('SIGKILL');
    await once(child, 'exit');
    const lab = await openLab({fleet: FLEET, stateDir});
    t.after(() => lab.close());
    const {Snapshots} = await clientOf(t, lab).ec2.describeSnapshots({SnapshotIds: [SnapshotId]});
    assert.equal(Snapshots?.length, 1);
  });

  test('is read up to a last line that is torn, and refused when another line is', async (t) => {
    const stateDir = folder(t);
    await (await openLab({fleet: FLEET, stateDir})).close();
    appendFileSync(join(stateDir, 'state.jsonl'), '{"moment":{"lab":1');
    const lab = await openLab({fleet: FLEET, stateDir});
    assert.equal((await clientOf(t, lab).ec2.describeVolumes({})).Volumes?.length, 2);
    await lab.close();
    appendFileSync(join(stateDir, 'state.jsonl'), 'rubbish\n{}\n');
    await assert.rejects(openLab({fleet: FLEET, stateDir}), {code: 'LabStateBroken'});
    writeFileSync(join(stateDir, 'state.jsonl'), '{"digest":"1"}\n{}\n');
    await assert.rejects(openLab({fleet: FLEET, stateDir}), {code: 'LabStateBroken'});
  });

  test('has a folder, or the lab says why not', async (t) => {
    const file = join(folder(t), 'file');
    writeFileSync(file, '');
    await assert.rejects(openLab({fleet: FLEET, stateDir: join(file, 'lab')}), {code: 'LabFolder'});
  });

  test('wins over a changed lab file, which is told', async (t) => {
    const stateDir = folder(t);
    await (await openLab({fleet: FLEET, stateDir})).close();
    const lab = await openLab({fleet: {...FLEET, seed: 2}, stateDir});
    t.after(() => lab.close());
    assert.match(lab.notice ?? '', /lab reset/);
  });

  test('is held by one process at a time: another joins what is served, and reset is refused', async (t) => {
    const stateDir = folder(t);
    const served = await openLab({fleet: FLEET, stateDir, serving: true});
    t.after(() => served.close());
    const joined = await openLab({fleet: FLEET, stateDir});
    assert.equal(joined.url, served.url);
    await joined.close();
    assert.equal((await fetch(`${served.url}/_lab`)).status, 200);
    await assert.rejects(startLab({fleet: FLEET, stateDir}), {code: 'LabBusy'});
    await assert.rejects(resetLab(stateDir), {code: 'LabBusy'});
    await served.close();
    assert.equal(await resetLab(stateDir), true);
    assert.equal(await resetLab(stateDir), false);
  });

  test('is waited for while a short command holds it', async (t) => {
    const stateDir = folder(t);
    const first = await openLab({fleet: FLEET, stateDir});
    const second = openLab({fleet: FLEET, stateDir});
    await first.close();
    const lab = await second;
    t.after(() => lab.close());
    assert.notEqual(lab, first);
  });

  test('is waited for no longer when the operator has had enough', async (t) => {
    const stateDir = folder(t);
    const first = await openLab({fleet: FLEET, stateDir});
    t.after(() => first.close());
    const enough = new AbortController();
    const second = openLab({fleet: FLEET, stateDir, signal: enough.signal});
    enough.abort();
    await assert.rejects(second, {name: 'AbortError'});
  });

  test('is taken over from a process that is dead', async (t) => {
    const stateDir = folder(t);
    const child = spawn(process.execPath, ['-e', '']);
    await once(child, 'exit');
    const lock = join(stateDir, 'lock.json');
    writeFileSync(
      lock,
      JSON.stringify({pid: child.pid, isServing: true, since: Date.now(), url: 'http://127.0.0.1:9'}),
    );
    const lab = await startLab({fleet: FLEET, stateDir});
    await lab.close();
    assert.equal(existsSync(lock), false);
  });
});
