/** Clients of others work with the lab as they are: what it speaks is EC2's protocol and not our idea of it. */
import assert from 'node:assert/strict';
import {execFile} from 'node:child_process';
import {once} from 'node:events';
import {join} from 'node:path';
import {createInterface} from 'node:readline';
import {after, before, describe, test} from 'node:test';
import {promisify} from 'node:util';
import {binOf, whyMissing} from '../venv.ts';
import {emptyFolder, type Started, start} from './ftask.ts';

const run = promisify(execFile);
const missing = await whyMissing('aws');
const env = {
  PATH: process.env['PATH'],
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
  AWS_DEFAULT_REGION: 'eu-west-1',
};

describe('on `ftask lab serve`', {skip: missing ?? false}, async () => {
  const folder = await emptyFolder();
  let served: Started;
  let url = '';
  const python = join(binOf('aws'), 'python');

  before(async () => {
    served = start(folder, ['lab', 'serve', '--port', '0']);
    const {stderr} = served.process;
    assert.ok(stderr);
    const [line] = (await once(createInterface({input: stderr}), 'line')) as [string];
    url = /http:[^;\s]+/.exec(line)?.[0] ?? assert.fail(line);
  });
  after(async () => {
    served.process.kill('SIGINT');
    assert.equal((await served.ended).code, 130);
  });

  const aws = async (...args: string[]) => {
    const all = ['-m', 'awscli', '--endpoint-url', url, '--output', 'json', 'ec2', ...args];
    const {stdout} = await run(python, all, {env});
    return stdout === '' ? undefined : JSON.parse(stdout);
  };

  test('awscli lists, tags, copies and deletes snapshots, page by page', async () => {
    const {Reservations} = await aws('describe-instances', '--filters', 'Name=tag:Name,Values=db1');
    const {InstanceId} = Reservations[0].Instances[0];
    const specification = ['--instance-specification', `InstanceId=${InstanceId}`];
    const {Snapshots} = await aws('create-snapshots', ...specification, '--description', 'by awscli');
    assert.equal(Snapshots.length, 3);
    const [{SnapshotId: id}] = Snapshots;

    await new Promise((resolve) => setTimeout(resolve, 500));
    await aws('create-tags', '--resources', id, '--tags', 'Key=colour,Value=red');
    const byTag = ['describe-snapshots', '--filters', 'Name=tag:colour,Values=red'];
    assert.deepEqual(
      (await aws(...byTag)).Snapshots.map(({SnapshotId}: {SnapshotId: string}) => SnapshotId),
      [id],
    );

    await run(
      python,
      ['-m', 'awscli', '--endpoint-url', url, 'ec2', 'wait', 'snapshot-completed', '--snapshot-ids', id],
      {
        env,
      },
    );
    const copy = await aws(
      ...[
        'copy-snapshot',
        '--region',
        'eu-central-1',
        '--source-region',
        'eu-west-1',
        '--source-snapshot-id',
        id,
      ],
    );
    assert.notEqual(copy.SnapshotId, id);

    await aws('delete-snapshot', '--snapshot-id', id);
    await new Promise((resolve) => setTimeout(resolve, 500));
    assert.deepEqual((await aws(...byTag)).Snapshots, []);

    const paged = ['describe-volumes', '--page-size', '5'];
    const all = (await aws('describe-volumes')).Volumes.length;
    assert.ok(all > 5);
    assert.equal((await aws(...paged)).Volumes.length, all);
  });

  test('boto3 lists, tags, copies and deletes snapshots, page by page', async () => {
    const {stdout} = await run(python, [join(import.meta.dirname, 'boto3-client.py'), url], {env});
    assert.deepEqual(JSON.parse(stdout), {made: 2, paged: 11, tagged: 1, copied: true, left: 1});
  });
});
